// What crosses, on its way: from the expression that it leaves, along the wire, to the name in which it lands. It is an
// ornament: both ends are marked in the code at once, and the next picture never waits for it.

import { el } from "../element.js";

const MOST_LETTERS = 24; // of a value on its way
const [SLOWEST, QUICKEST] = [900, 150]; // milliseconds on the way; what would be quicker is not shown at all

/** A word that flies, over the element in which it stands; it is seen only while it does. */
export function makeFlight() {
  const element = el("div", "coro-traveller");
  element.setAttribute("aria-hidden", "true"); // a sentence says it
  /** @type {Animation | undefined} */
  let motion;

  function stop() {
    motion?.cancel();
  }

  /**
   * @param {string} words
   * @param {Point[]} points
   * @param {{ duration: number, delay?: number }} time
   */
  function fly(words, points, time) {
    stop();
    if (points.length < 2 || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    element.textContent = words.length > MOST_LETTERS ? `${words.slice(0, MOST_LETTERS)}…` : words;
    motion = element.animate(frames(points), { ...time, easing: "ease-in-out" });
  }

  /**
   * The middle of an element, for one that flies here.
   * @param {Maybe<Element>} part
   * @returns {Point[]}
   */
  function middle(part) {
    const [base, box] = [element.offsetParent?.getBoundingClientRect(), part?.getClientRects()[0]];
    return base && box ? [{ x: box.left + box.width / 2 - base.left, y: box.top + box.height / 2 - base.top }] : [];
  }

  return { element, fly, stop, middle };
}

/** What crosses between the cards. */
export function makeTraveller() {
  const { element, fly, stop, middle } = makeFlight();
  let shown = -1;

  /**
   * @param {Picture} picture
   * @param {Point[]} path
   * @param {Ends} ends
   * @param {number} pace
   */
  function show({ index, crossing }, path, ends, pace) {
    if (index === shown && path.length) return;
    shown = index;
    const duration = Math.min(pace * 0.8, SLOWEST);
    if (!crossing || !path.length || duration < QUICKEST) return stop();
    fly(ends.words, [...middle(ends.leaves), ...path, ...middle(ends.lands)], { duration });
  }

  return { element, show };
}

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
    const transform = `translate(${x}px, ${y}px) translate(-50%, -50%)`;
    return { offset: Math.min(gone / whole, 1), opacity: 1, transform };
  });
}
