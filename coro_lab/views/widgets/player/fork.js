// "What if I send this instead here?": the question, and the answer as two timelines with their first difference marked.
// The question goes to the kernel, for only Python can run the program again; everything else here needs none.

import { readTrace } from "./trace.js";
import { sentence } from "./words.js";
import { firstDifference } from "./picture.js";
import { el, setText } from "../element.js";
import { makeTimeline } from "./timeline.js";

const PATIENCE = 8000; // milliseconds until a silent kernel is called silent

// The panel. `ask(message)` sends to the kernel; `hear(message)` takes its answer.
export function makeFork(ask) {
  const input = Object.assign(el("input", "coro-value"), { type: "text", size: 14, placeholder: "a Python literal" });
  const button = Object.assign(el("button", "coro-button", "try it"), { type: "button" });
  const question = el("span");
  const form = el("div", "coro-question", [el("label", "coro-ask", [question, input]), button]);
  const says = el("p", "coro-said");
  says.setAttribute("role", "status");
  const [mine, other] = [makeTimeline(() => {}), makeTimeline(() => {})];
  const [mineSays, otherSays, otherTitle] = [el("p"), el("p"), el("h4")];
  const answer = el("div", "coro-answer", [el("h4", "", "as it was"), mine.element, mineSays, otherTitle, other.element, otherSays]);
  const element = el("section", "coro-fork", [form, says, answer]);
  element.setAttribute("aria-label", "what if");
  answer.hidden = true;
  const view = { looks: [], index: -1, trace: null, heard: null, timer: null };

  button.addEventListener("click", put);
  input.addEventListener("keydown", (event) => event.key === "Enter" && put());

  function dress(canFork, looks) {
    view.looks = looks;
    element.hidden = !canFork || !ask;
    if (view.heard) draw();
  }

  // A fork is possible where something comes in from outside after the start: the start itself can only send None.
  function show({ index, event }, trace) {
    if (view.trace !== trace) forget(trace);
    view.index = index;
    const here = Boolean(event) && event.peer === null && ["resume", "throw", "close"].includes(event.kind);
    input.disabled = button.disabled = !here;
    const was = here && event.kind === "resume" ? ` instead of ${event.value ?? "that"}` : here ? ` instead of ${event.kind}` : "";
    setText(question, here ? `What if I send${was}:` : "What if another value were sent? Go to an event where one comes in from outside.");
  }

  function forget(trace) {
    Object.assign(view, { trace, heard: null });
    answer.hidden = true;
    setText(says, "");
  }

  function put() {
    if (button.disabled) return;
    setText(says, "Running it again with the other value…");
    clearTimeout(view.timer);
    view.timer = setTimeout(() => setText(says, silent), PATIENCE);
    try {
      ask({ ask: "fork", index: view.index, value: input.value });
    } catch {
      hear({ error: silent });
    }
  }

  function hear({ error, trace, sent }) {
    clearTimeout(view.timer);
    setText(says, error ?? "");
    answer.hidden = Boolean(error);
    if (error) return;
    view.heard = { trace: readTrace(trace), sent };
    draw();
  }

  function draw() {
    const [one, two] = [view.trace, view.heard.trace];
    const at = firstDifference(one, two);
    setText(otherTitle, `with send(${view.heard.sent}) instead`);
    setText(says, at === null ? "Nothing changes: the two runs are equal." : "▼ marks the first difference.");
    for (const [timeline, words, trace] of [[mine, mineSays, one], [other, otherSays, two]]) {
      timeline.load(trace, view.looks, { mark: at, least: Math.max(one.steps, two.steps) });
      timeline.show(Math.min(at ?? trace.count - 1, trace.count - 1));
      setText(words, at === null ? "" : `▼ ${at < trace.count ? sentence(trace, at) : "it has ended by then"}.`);
    }
  }

  return { element, dress, show, hear };
}

const silent = "The kernel does not answer: it is busy or gone. Forking runs the program again, so it needs one.";
