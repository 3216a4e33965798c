// What Furo's pages lack for those who hear them or use the keyboard.

for (const [drawer, label] of [
  [".sidebar-drawer", "Chapters"],
  [".toc-drawer", "On this page"],
]) {
  document.querySelector(drawer)?.setAttribute("aria-label", label);
}

/** What is wider than its box is scrolled by keys once it has the focus. */
const scrolled = new ResizeObserver((changed) => {
  for (const { target } of changed) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
for (const box of document.querySelectorAll("article pre, .table-wrapper")) scrolled.observe(box);
