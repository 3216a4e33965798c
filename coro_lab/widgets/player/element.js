// How anything gets on the page: whatever a program made is set as text, never as markup. And the measures of the cards.

export const SVG = "http://www.w3.org/2000/svg";
export const [WIDE, NARROW, GAP] = [250, 205, 16]; // pixels: a card, a card where all of them then fit, between cards
export const BATCH = 60; // cards at once when all lanes are shown
export const CHIPS = 12; // folded lanes named one by one

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
