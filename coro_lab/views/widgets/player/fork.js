// Two runs side by side, as timelines with their first difference marked. The other run comes with the player, or as the
// answer to "what if I send this instead here?". That question goes to the kernel, which alone can run a program again.

import { el, makeButton, setText } from "../element.js";
import { makeField } from "../field.js";
import { makeLine } from "../page.js";
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
  const element = el("div", "coro-fork", [form, says, answer]);
  element.setAttribute("role", "group");
  answer.hidden = true;
  const line = makeLine(element, ask ?? (() => {}), (words) => setText(says, words));
  /** @type {{ given: Maybe<PlayerTraits>, index: number, trace: Maybe<Trace> }} */
  const view = { given: null, index: -1, trace: null };
  /** @type {(looks: LaneLook[]) => Look[]} */
  let inTheme = () => [];
  /** @type {Maybe<OtherRun & { read: Trace }>} */
  let beside = null;

  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") put();
  });

  /** @param {PlayerTraits} given @param {typeof inTheme} themed */
  function dress(given, themed) {
    view.given = given;
    inTheme = themed;
    const canAsk = given.can_fork && ask !== null;
    form.hidden = !canAsk;
    element.hidden = !canAsk && !given.other;
    element.setAttribute("aria-label", canAsk ? "what if" : "the two runs");
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
    const other = view.given?.other;
    beside = other ? { ...other, read: readTrace(other.trace) } : null;
    answer.hidden = !beside;
    setText(says, "");
    draw();
  }

  function put() {
    if (button.disabled) return;
    setText(says, "Running it again with the other value…");
    line.ask({ ask: "fork", index: view.index, value: input.value });
  }

  /** @param {ForkAnswer} message */
  function hear({ error, run }) {
    line.heard();
    setText(says, error ?? "");
    answer.hidden = error !== undefined;
    if (error !== undefined) return;
    beside = { ...run, read: readTrace(run.trace) };
    draw();
  }

  function draw() {
    const { given, trace: one } = view;
    if (!beside || !one || !given) return;
    const { read: two, at } = beside;
    setText(other.title, beside.title);
    setText(says, at === null ? "Nothing changes: the two runs are equal." : "▼ marks the first difference.");
    const least = Math.max(one.steps, two.steps);
    const [own, its] = at ?? [null, null];
    mine.draw(one, inTheme(given.looks), { mark: own, least });
    other.draw(two, inTheme(beside.looks), { mark: its, least });
  }

  return { element, dress, show, hear };
}

/**
 * One of the two runs: a title, a timeline, and what happens at the first difference.
 * @param {string} words
 */
function makeRun(words) {
  const [title, timeline, says] = [el("p", "coro-heading", words), makeTimeline(() => {}), el("p")];

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
