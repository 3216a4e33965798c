// What an event did, and what crossed in it, in words: Python has chosen the templates, and here they are filled in.

import { DASHED } from "../marks.js";
import { ENTERS, eventAt, REQUESTS } from "./trace.js";

// What event `index` did, in one sentence without a full stop; `sentences.sentence` in Python.
/** @type {(trace: Trace, index: number) => string} */
export function sentence(trace, index) {
  const event = eventAt(trace, index);
  const lane = trace.lanes[event.lane];
  const value = event.kind === "output" && event.value !== null ? quoted(event.value) : event.value;
  const peer = event.peer === null ? "" : trace.lanes[event.peer].name;
  const words = fill(event.sentence, {
    lane: lane.name,
    peer,
    line: event.line,
    peer_line: event.peerLine,
    thread: lane.thread,
    value,
  });
  const changes = event.changed.map(([name, bound]) => (bound === null ? `${name} unbound` : `${name} = ${bound}`));
  return [words, ...changes].join(", ");
}

/** @type {(template: string, values: Record<string, Maybe<string | number>>) => string} */
function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? "None"));
}

// The families that are open in a step: whose they are, and whether their owners wait or how they end.
/** @type {(trace: Trace, step: number) => string[]} */
export function familiesAt({ families, lanes }, step) {
  const open = families.filter(({ opened, ended }) => opened <= step && step <= (ended ?? step));
  return open.map(({ name, owner, waits, ended, outcome }) => {
    const whose = owner === null ? name : `${name} of ${lanes[owner].name}`;
    if (ended === step) return `${whose}: ${outcome}`;
    return waits !== null && waits <= step ? `${whose}: waits for the rest` : `${whose}: open`;
  });
}

// A printed text as Python's repr writes it.
/** @type {(text: string) => string} */
export function quoted(text) {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  /** @type {(letter: string) => string} */
  const escaped = (letter) => {
    const named = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" }[letter];
    if (named || letter === quote) return named ?? `\\${quote}`;
    if (letter === " " || !/[\p{C}\p{Z}]/u.test(letter)) return letter;
    const code = letter.codePointAt(0) ?? 0;
    const [mark, width] = code < 0x100 ? ["x", 2] : code < 0x10000 ? ["u", 4] : ["U", 8];
    return `\\${mark}${code.toString(16).padStart(width, "0")}`;
  };
  return quote + Array.from(text, escaped).join("") + quote;
}

// What crosses in this event, from whom to whom (null: the world outside the recording); null where nothing does.
/** @type {(event: TraceEvent) => Maybe<Crossing>} */
export function crossing({ kind, label, lane, line, peer, peerLine, value }) {
  if (label === null) return null;
  const entering = ENTERS.has(kind) || REQUESTS.has(kind);
  const [here, there] = [
    { lane, line },
    { lane: peer, line: peerLine },
  ];
  const [from, to] = entering ? [there, here] : [here, there];
  return { from, to, label: fill(label, { value }), dashed: DASHED.includes(label), entering, kind };
}
