// Measured runs on one clock: each coroutine is a lane. The picture is drawn up to the moment that is shown, which is
// at first the begin.

import { el, makeButton, makeRoot, setText } from "../element.js";
import { followTheme, keepKeys } from "../page.js";

const SLOWEST = 6; // seconds that the longest run takes on the page
const NAMES = 8; // pixels at the left
const [TALL, HIGH, LOW] = [280, 16, 3]; // pixels of all lanes together, and of one lane

/**
 * What there is to say of a run at a moment: how many pages are done, and how many coroutines compute or wait.
 * @param {RaceRun} run
 * @param {number} now
 */
export function factsAt(run, now) {
  const bars = run.lanes.flatMap((lane) => lane.bars);
  const done = bars.filter(([, , end]) => end <= now).length;
  const computing = bars.filter(([, computes, end]) => computes <= now && now < end).length;
  const waiting = bars.filter(([begin, computes]) => begin <= now && now < computes).length;
  return { done, computing, waiting, over: done === bars.length };
}

/** @param {RaceRun} run */
export const secondsOf = (run) => Math.max(0, ...run.lanes.flatMap((lane) => lane.bars.map(([, , end]) => end)));

/** @param {RaceRun} run @param {number} now */
export function tell(run, now) {
  const { done, computing, waiting, over } = factsAt(run, now);
  if (over)
    return `${done} pages in ${secondsOf(run).toFixed(2)} s: ${Math.round(done / secondsOf(run))} pages a second`;
  return `${done} of ${run.pages} pages done, ${computing} computing, ${waiting} waiting`;
}

/**
 * The race in `root`. Returns a function that ends it.
 * @param {Model<RaceTraits>} model
 * @param {HTMLElement} root
 */
export function mountRace(model, root) {
  const runs = model.get("runs");
  const all = Math.max(...runs.map(secondsOf), 0.001);
  const slow = Math.max(SLOWEST / all, 1);
  let now = 0; // what a lesson asks is not shown before it is played
  let started = 0; // when playing began, in milliseconds of the page; 0: it stands still
  let frame = 0;
  /** @type {Theme} */
  let theme = "light";

  const play = makeButton("play", "coro-race-play", () => (started ? stop() : start()));
  const clock = Object.assign(el("input", "coro-race-clock"), { type: "range", min: "0", max: "1000", value: "0" });
  clock.setAttribute("aria-label", "time since the begin of the runs");
  clock.addEventListener("input", () => {
    const chosen = (Number(clock.value) / 1000) * all;
    stop(); // which shows the moment that was shown before
    go(chosen);
  });
  const time = el("span", "coro-race-time");
  const speed = slow > 1.5 ? `Played in slow motion: ${Math.round(slow)} times as long as it took.` : "";
  const parts = runs.map((run) => {
    const said = el("span", "coro-race-said");
    const canvas = el("canvas");
    canvas.setAttribute("aria-hidden", "true");
    return { run, said, canvas, element: el("div", "coro-race-run", [el("b", "", run.name), said, canvas]) };
  });
  const key = el(
    "p",
    "coro-race-key",
    `A lane is a coroutine. Solid: it computes. Thin: it waits for its page or its turn. ${speed}`,
  );
  root.replaceChildren(el("div", "coro-race-row", [play, clock, time]), ...parts.map((part) => part.element), key);
  keepKeys(root);

  function start() {
    if (now >= all) now = 0;
    started = performance.now() - now * slow * 1000;
    frame = requestAnimationFrame(tick);
    show();
  }

  function stop() {
    started = 0;
    cancelAnimationFrame(frame);
    show();
  }

  function tick() {
    if (!started) return;
    go(Math.min((performance.now() - started) / 1000 / slow, all));
    if (now >= all) return stop();
    frame = requestAnimationFrame(tick);
  }

  /** @param {number} moment */
  function go(moment) {
    now = moment;
    show();
  }

  function show() {
    setText(play, started ? "stop" : "play");
    clock.value = String(Math.round((now / all) * 1000));
    clock.setAttribute("aria-valuetext", `${now.toFixed(2)} seconds`);
    setText(time, `${now.toFixed(2)} s`);
    for (const { run, said, canvas } of parts) {
      setText(said, tell(run, now));
      draw(canvas, run, { now, all, theme });
    }
  }

  const watch = new ResizeObserver(show);
  watch.observe(root);
  const unfollow = followTheme(root, (changed) => {
    theme = changed;
    show();
  });
  return () => {
    stop();
    watch.disconnect();
    unfollow();
  };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {RaceRun} run
 * @param {{ now: number, all: number, theme: Theme }} moment
 */
function draw(canvas, run, { now, all, theme }) {
  const row = Math.min(Math.max(TALL / run.lanes.length, LOW), HIGH);
  const [width, height] = [canvas.clientWidth, row * run.lanes.length];
  const ratio = window.devicePixelRatio || 1;
  canvas.style.height = `${height}px`;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  /** @param {number} at */
  const x = (at) => NAMES + (Math.min(at, now) / all) * (width - 2 * NAMES);
  run.lanes.forEach(({ light, dark, bars }, lane) => {
    const middle = (lane + 0.5) * row;
    pen.fillStyle = theme === "contrast" ? "CanvasText" : theme === "dark" ? dark : light;
    pen.globalAlpha = 0.25;
    pen.fillRect(NAMES, middle - 0.5, width - 2 * NAMES, 1);
    for (const [begin, computing, end] of bars) {
      if (begin > now) continue;
      pen.globalAlpha = 0.4;
      pen.fillRect(x(begin), middle - row * 0.14, x(computing) - x(begin), row * 0.28);
      pen.globalAlpha = 1;
      if (computing <= now)
        pen.fillRect(x(computing), middle - row * 0.42, Math.max(x(end) - x(computing), 1), row * 0.84);
    }
  });
  if (now >= all) return;
  pen.fillStyle = getComputedStyle(canvas).color;
  pen.fillRect(x(now), 0, 1.5, height);
}

/** @param {Given<RaceTraits>} given */
function render({ model, el: host }) {
  return mountRace(model, makeRoot(host, "coro-race", "measured runs on one clock"));
}

export default { render };
