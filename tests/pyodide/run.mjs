// Run pytest in Pyodide: node run.mjs PYODIDE WHEELS ROOT ARGUMENT...
import { readdirSync, readFileSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker, isMainThread } from "node:worker_threads";

const COPIED = ["coro_lab", "tests", "pyproject.toml", "docs/site/lab/kernel"];

// A thread, because its stack can be made large enough for programs that nest deeply.
if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { argv: process.argv.slice(2), resourceLimits: { stackSizeMb: 200 } });
  worker.on("exit", (status) => (process.exitCode = status));
} else {
  await main(...process.argv.slice(2));
}

/** Run the tests that `words` name to pytest, with these wheels and the files of this checkout. */
async function main(pyodide, wheels, root, ...words) {
  const { loadPyodide } = await import(pathToFileURL(join(pyodide, "pyodide.mjs")).href);
  const python = await loadPyodide({ indexURL: `${pyodide}/` });
  python.setStdin({ stdin: () => null });
  python.setStdout({ write: (bytes) => writeSync(1, bytes) }); // a thread of node has no stream of its own
  python.setStderr({ write: (bytes) => writeSync(2, bytes) });
  copy(wheels, "/wheels", python.FS);
  for (const name of COPIED) copy(join(root, name), `/checkout/${name}`, python.FS);
  python.globals.set("words", python.toPy(words));
  process.exitCode = python.runPython(readFileSync(join(import.meta.dirname, "inside.py"), "utf8"));
}

/** Copy a file, or a folder with its files, into Python's file system. */
function copy(from, to, files) {
  if (statSync(from).isFile()) {
    files.mkdirTree(to.slice(0, to.lastIndexOf("/")));
    files.writeFile(to, readFileSync(from));
  } else {
    for (const name of readdirSync(from)) if (name !== "__pycache__") copy(join(from, name), `${to}/${name}`, files);
  }
}
