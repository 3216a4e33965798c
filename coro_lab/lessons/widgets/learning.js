// What the widgets of the learning layer share.

import { el, makeButton } from "../../views/widgets/element.js";
import { followTheme, keepKeys, makeLine } from "../../views/widgets/page.js";

/**
 * Text in which `this` is code.
 * @param {"p" | "li" | "span"} name
 * @param {string} className
 * @param {string} text
 */
export function prose(name, className, text) {
  return el(
    name,
    className,
    text.split("`").map((part, at) => (at % 2 ? el("code", "", part) : part)),
  );
}

/** @param {string} text */
export const note = (text) => el("p", "coro-learn-note", text);

/** @param {string} words @param {() => void} [press] */
export const button = (words, press) => makeButton(words, "coro-learn-button", press);

/**
 * Whether a button can do something now; one that cannot keeps the focus.
 * @param {Element} element
 * @param {boolean} can
 */
export const enable = (element, can) => element.setAttribute("aria-disabled", String(!can));

/**
 * The frame of a widget: a labelled group that keeps its keys for itself and follows the theme of the page.
 * @param {HTMLElement} host
 * @param {string} label
 */
export function frame(host, label) {
  const root = el("div", "coro-learn");
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", label);
  keepKeys(root);
  const leaveTheme = followTheme(root, () => {});
  // JupyterLab shows the first line of a folded output, and here that line may be the answer to a question.
  const hush = new ResizeObserver(() => root.closest(".jp-Notebook")?.classList.add("coro-hushed"));
  hush.observe(root);
  host.append(root);
  const close = () => {
    leaveTheme();
    hush.disconnect();
    root.remove();
  };
  return { root, close };
}

/** A place whose new text a screen reader says. */
export function live(className = "") {
  const place = el("div", `coro-learn-live ${className}`);
  place.setAttribute("aria-live", "polite");
  return place;
}

/**
 * Asks the kernel, and calls `show` at each answer; where none answers, `place` says so.
 * @template {LearningTraits} Traits
 * @template Message
 * @param {Model<Traits, Message>} model
 * @param {HTMLElement} place
 * @param {() => void} show
 */
export function asker(model, place, show) {
  const { ask, heard } = makeLine(
    place,
    /** @param {Message} message */ (message) => model.send(message),
    (sentence) => place.replaceChildren(note(sentence)),
  );
  const answer = () => {
    heard();
    show();
  };
  model.on("change:answered", answer);
  const close = () => {
    heard();
    model.off("change:answered", answer);
  };
  return { ask, close };
}
