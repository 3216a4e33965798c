// A field to write a value or a text into.

import { el } from "./element.js";

/**
 * It has no corrections of spelling and no suggestions, for what is written there is code or an output.
 * @param {string} className
 * @param {number} size
 * @param {string} placeholder
 */
export function makeField(className, size, placeholder) {
  return Object.assign(el("input", className), {
    type: "text",
    size,
    placeholder,
    spellcheck: false,
    autocomplete: "off",
  });
}
