// For tests/trace/test_codec_and_player.py: reads a JSON string a line, each the text of a trace; writes for each whether the player accepts it.

import { createInterface } from "node:readline";
import { readTrace, Unreadable } from "../../../../coro_lab/views/widgets/player/trace.js";

function accepts(text) {
  try {
    readTrace(text);
    return true;
  } catch (error) {
    if (error instanceof Unreadable) return false;
    throw error;
  }
}

createInterface({ input: process.stdin }).on("line", (line) => process.stdout.write(`${accepts(JSON.parse(line))}\n`));
