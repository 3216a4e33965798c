// For tests/views/widgets: reads a line of JSON, the path of a module, and writes what is wrong with its text, or null.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import vm from "node:vm";

function fault(path) {
  try {
    new vm.SourceTextModule(readFileSync(path, "utf8"), { identifier: path });
    return null;
  } catch (error) {
    return `${path}: ${error.message}`;
  }
}

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(fault(JSON.parse(line)))}\n`);
