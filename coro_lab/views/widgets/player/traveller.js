// What crosses, on its way: from the expression that it leaves, along the wire, to the name in which it lands. It is an
// ornament: both ends are marked in the code at once, and the next picture never waits for it.

import { el } from "../element.js";

const MOST_LETTERS = 24; // letters of a value on its way
const [SLOWEST, QUICKEST] = [900, 150]; // milliseconds on the way; what would be quicker is not shown at all

export function makeTraveller() {
  const element = el("div", "coro-traveller");
  element.setAttribute("aria-hidden", "true"); // the sentence says it
  element.hidden = true;
  let shown = -1;
  /** @type {Animation | undefined} */
  let motion;

  /**
   * @param {Picture} picture
   * @param {Point[]} path
   * @param {Ends} ends
   * @param {number} pace
   */
  function show({ index, event, crossing }, path, ends, pace) {
    if (index === shown && path.length) return;
    shown = index;
    motion?.cancel();
    element.hidden = true;
    const time = Math.min(pace * 0.8, SLOWEST);
    if (!crossing || !event || !path.length || time < QUICKEST || !allowsMotion()) return;
    const words = event.value ?? crossing.label;
    element.textContent = words.length > MOST_LETTERS ? `${words.slice(0, MOST_LETTERS)}…` : words;
    element.hidden = false;
    motion = element.animate(
      frames([middle(ends.leaves), ...path, middle(ends.lands)].filter((point) => point !== null)),
      {
        duration: time,
        easing: "ease-in-out",
      },
    );
    motion.onfinish = () => {
      element.hidden = true;
    };
  }

  /**
   * The middle of an element, on the stage.
   * @param {Maybe<HTMLElement>} part
   * @returns {Maybe<Point>}
   */
  function middle(part) {
    const stage = element.parentElement?.getBoundingClientRect();
    const box = part?.getClientRects()[0];
    return box && stage ? { x: box.left + box.width / 2 - stage.left, y: box.top + box.height / 2 - stage.top } : null;
  }

  return { element, show };
}

const allowsMotion = () => !matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * The points as frames of an animation with one speed all the way.
 * @param {Point[]} points
 * @returns {Keyframe[]}
 */
export function frames(points) {
  const lengths = points.slice(1).map((point, at) => Math.hypot(point.x - points[at].x, point.y - points[at].y));
  const whole = lengths.reduce((sum, length) => sum + length, 0) || 1;
  let gone = 0;
  return points.map(({ x, y }, at) => {
    gone += at ? lengths[at - 1] : 0;
    return { offset: Math.min(gone / whole, 1), transform: `translate(${x}px, ${y}px) translate(-50%, -50%)` };
  });
}
