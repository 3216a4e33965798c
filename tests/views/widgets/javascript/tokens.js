// For tests/views/widgets/test_code.py: reads a list of texts from stdin and writes the tokens of each.

import { readFileSync } from "node:fs";
import { tokensOf } from "../../../../coro_lab/views/widgets/player/code.js";

const texts = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(
  JSON.stringify(texts.map((text) => tokensOf(text).map(({ start, end, sort }) => [sort, text.slice(start, end)]))),
);
