// "What if I send this instead here?": the question, and the answer as two timelines with their first difference marked.
// The question goes to the kernel, for only Python can run the program again; everything else here needs none.

import { el, makeButton, setText } from "../element.js";
import { makeField } from "../field.js";
import { makeLine } from "../page.js";
import { firstDifference } from "./picture.js";
import { makeTimeline } from "./timeline.js";
import { readTrace } from "./trace.js";
import { sentence } from "./words.js";

const ELSEWHERE = "What if another value were sent? Go to an event where one comes in from outside.";

/**
 * The panel. `ask(message)` sends to the kernel; `hear(message)` takes its answer.
 * @param {Ask} ask
 */
export function makeFork(ask) {
  const input = makeField("coro-value", 14, "a Python literal");
  const button = makeButton("try it", "coro-button", put);
  const question = el("span");
  const form = el("div", "coro-question", [el("label", "coro-ask", [question, input]), button]);
  const says = el("p", "coro-said");
  says.setAttribute("role", "status");
  const [mine, other] = [makeRun("as it was"), makeRun("")];
  const answer = el("div", "coro-answer", [...mine.parts, ...other.parts]);
  const element = el("section", "coro-fork", [form, says, answer]);
  element.setAttribute("aria-label", "what if");
  answer.hidden = true;
  const line = makeLine(element, ask ?? (() => {}), (words) => setText(says, words));
  /** @type {{ given: Maybe<PlayerTraits>, looks: Look[], index: number, trace: Maybe<Trace> }} */
  const view = { given: null, looks: [], index: -1, trace: null };
  /** @type {Maybe<{ trace: Trace, sent: string }>} */
  let heard = null;

  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") put();
  });

  /** @param {PlayerTraits} given @param {Look[]} looks */
  function dress(given, looks) {
    Object.assign(view, { given, looks });
    element.hidden = !given.can_fork || !ask;
    draw();
  }

  /**
   * A fork is possible where something comes in from outside after the start: the start itself can only send None.
   * @param {Picture} picture
   * @param {Trace} trace
   */
  function show({ index, event }, trace) {
    if (view.trace !== trace) forget(trace);
    view.index = index;
    const here = event?.peer === null && ["resume", "throw", "close"].includes(event.kind);
    input.disabled = !here;
    button.disabled = !here;
    const was = event?.kind === "resume" ? (event.value ?? "that") : event?.kind;
    setText(question, here ? `What if I send instead of ${was}:` : ELSEWHERE);
  }

  /** @param {Trace} trace */
  function forget(trace) {
    view.trace = trace;
    heard = null;
    answer.hidden = true;
    setText(says, "");
  }

  function put() {
    if (button.disabled) return;
    setText(says, "Running it again with the other value…");
    line.ask({ ask: "fork", index: view.index, value: input.value });
  }

  /** @param {ForkAnswer} message */
  function hear({ error, trace, sent }) {
    line.heard();
    setText(says, error ?? "");
    answer.hidden = error !== undefined;
    if (error !== undefined) return;
    heard = { trace: readTrace(trace), sent };
    draw();
  }

  function draw() {
    const { given, looks, trace: one } = view;
    if (!heard || !one || !given) return;
    const two = heard.trace;
    const at = firstDifference(one, two);
    setText(other.title, `with send(${heard.sent}) instead`);
    setText(says, at === null ? "Nothing changes: the two runs are equal." : "▼ marks the first difference.");
    const part = { mark: at, least: Math.max(one.steps, two.steps) };
    mine.draw(one, looks, part);
    other.draw(two, looks, part);
  }

  return { element, dress, show, hear };
}

/**
 * One of the two runs: a title, a timeline, and what happens at the first difference.
 * @param {string} words
 */
function makeRun(words) {
  const [title, timeline, says] = [el("h4", "", words), makeTimeline(() => {}), el("p")];

  /**
   * @param {Trace} trace
   * @param {Look[]} looks
   * @param {{ mark: Maybe<number>, least: number }} part
   */
  function draw(trace, looks, part) {
    const { mark } = part;
    timeline.load(trace, looks, part);
    timeline.show(Math.min(mark ?? trace.count - 1, trace.count - 1));
    if (mark === null) setText(says, "");
    else setText(says, `▼ ${mark < trace.count ? sentence(trace, mark) : "it has ended by then"}.`);
  }
  return { title, draw, parts: [title, timeline.element, says] };
}
