// How anything gets on the page: what a program or a learner wrote is set as text, never as markup.

/**
 * An element with a class and children or text; the only way anything gets on the page.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {string | (Node | string)[]} content
 */
export function el(name, className = "", content = []) {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (content) element.append(...(typeof content === "string" ? [content] : content));
  return element;
}

/**
 * The root of a widget, in its host: a group with a name for screen readers.
 * @param {Element} host @param {string} label
 */
export function makeRoot(host, className = "", label = "") {
  const root = el("div", className);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", label);
  host.append(root);
  return root;
}

/** @param {Element} element @param {string} text */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * A button with words on it that calls `press`.
 * @param {string} words
 */
export function makeButton(words, className = "", press = () => {}) {
  const button = el("button", className, words);
  button.type = "button";
  button.addEventListener("click", press);
  return button;
}
