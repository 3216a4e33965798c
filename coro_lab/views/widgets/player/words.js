// What an event did, and what crossed in it, in words: the templates of sentences.py and crossings.py, filled in.

import { ENTERS, eventAt, INSIDE, LEAVES } from "./trace.js";

// The name of the template that tells this event; `sentences.key` in Python.
export function key(event, lane) {
  if (INSIDE.has(event.kind)) return event.kind;
  if (event.kind === "raise" && event.value === "GeneratorExit()" && lane.kind !== "function") return "raise closing";
  if (event.kind === "close" && event.value === "dropped") return "drop";
  const peer = event.peer === null || isIgnored(event) ? "" : " peer";
  if (event.kind === "resume") return `resume${peer}${received(event, lane)}`;
  const yields = event.value !== null && lane.kind !== "function" && lane.kind !== "thread";
  if (event.kind === "suspend" && !yields) return nothing(event) ? "hand over nothing" : "hand over";
  const verb = event.kind === "start" && lane.kind === "function" ? "call" : event.kind;
  return event.kind === "start" && !peer && lane.thread !== "MainThread" ? `${verb} thread` : verb + peer;
}

const isIgnored = (event) => LEAVES.has(event.kind) && event.value !== null && event.value.endsWith(" (ignored: it reaches nobody)");

const nothing = (event) => event.value === null || event.value === "None";

// Its author sees nothing of the None by which an event loop resumes a coroutine, or a system a thread.
function received(event, lane) {
  if (lane.kind !== "generator" && nothing(event)) return " awaiting";
  return event.value === null ? "" : " value";
}

// What event `index` did, in one sentence without a full stop; `sentences.sentence` in Python.
export function sentence(trace, index, templates) {
  const event = eventAt(trace, index);
  const lane = trace.lanes[event.lane];
  const value = event.kind === "output" && event.value !== null ? quoted(event.value) : event.value;
  const peer = event.peer === null ? "" : trace.lanes[event.peer].name;
  const words = fill(templates[key(event, lane)], { lane: lane.name, peer, line: event.line, thread: lane.thread, value });
  if (!event.changed.length) return words;
  const change = ([name, bound]) => fill(templates[bound === null ? "unbound" : "bound"], { name, value: bound });
  return words + fill(templates.changed, { changes: event.changed.map(change).join(", ") });
}

function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? "None"));
}

// A printed text as Python's repr writes it.
export function quoted(text) {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escape = (letter) => {
    const named = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" }[letter];
    if (named || letter === quote) return named ?? `\\${quote}`;
    if (letter === " " || !/[\p{C}\p{Z}]/u.test(letter)) return letter;
    const code = letter.codePointAt(0);
    const [mark, width] = code < 0x100 ? ["x", 2] : code < 0x10000 ? ["u", 4] : ["U", 8];
    return `\\${mark}${code.toString(16).padStart(width, "0")}`;
  };
  return quote + Array.from(text, escape).join("") + quote;
}

// What crosses in this event, from whom to whom (null: the world outside the recording); null for a line and an output.
// `now` is the state of its lane right after it.
export function crossing(trace, event, now, labels) {
  const entering = ENTERS.has(event.kind);
  if (!entering && !LEAVES.has(event.kind)) return null;
  const lane = trace.lanes[event.lane];
  const here = { lane: event.lane, line: event.line };
  const there = { lane: event.peer, line: event.peerLine };
  const label = fill(labels[labelKey(event, lane, now.ending)], { value: event.value });
  return { from: entering ? there : here, to: entering ? here : there, label, entering, kind: event.kind };
}

// The name of the label template; `crossings.label_key` in Python.
function labelKey(event, lane, ending) {
  const name = key(event, lane).replace(/ (peer|thread)/, "");
  const left = event.kind === "return" || event.kind === "raise";
  if (name === "raise closing" || (left && ending === "close")) return "closed";
  if (event.kind === "resume" && (event.value === "None" || name === "resume awaiting")) return "resume nothing";
  if (name.startsWith("hand over")) return name;
  const yielding = event.kind === "suspend" || event.kind === "delegate";
  const full = yielding && lane.kind === "coroutine" ? `${name} await` : name;
  return event.value === "None" && (yielding || event.kind === "return") ? `${full} nothing` : full;
}
