// How anything gets on the page: whatever a program or a learner wrote is set as text, never as markup.

// An element with a class and children or text; the only way anything gets on the page.
export function el(name, className = "", content = null) {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (typeof content === "string") element.textContent = content;
  else if (content) element.append(...content);
  return element;
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
