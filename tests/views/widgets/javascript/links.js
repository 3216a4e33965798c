// For tests/views/test_links.py: reads a line of JSON, [what to do, text], and writes what link.js answers, as JSON.

import { createInterface } from "node:readline";
import { pack, readRun, runFragment, unpack } from "../../../../coro_lab/views/widgets/player/link.js";
import { Unreadable } from "../../../../coro_lab/views/widgets/player/trace.js";

const ANSWERS = { pack, unpack, readRun, runFragment };

async function answer([what, given]) {
  try {
    return await ANSWERS[what](given);
  } catch (error) {
    if (error instanceof Unreadable) return { fault: error.message };
    throw error;
  }
}

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
