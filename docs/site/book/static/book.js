// What Furo's pages lack: for those who hear them, use the keyboard, or print.

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
for (const box of document.querySelectorAll("article pre, .table-wrapper, .cell_output")) scrolled.observe(box);

const unfold = document.querySelector(".book-unfold");
const folded = [...document.querySelectorAll("article details:not(.coro-host *)")];
if (folded.length === 0) unfold?.remove();
unfold?.addEventListener("click", () => {
  const open = folded.some((details) => !details.open);
  for (const details of folded) details.open = open;
  unfold.textContent = open ? "Fold all" : "Unfold all";
});

if (location.protocol === "file:") {
  for (const link of document.querySelectorAll('a[href*="lab/"]')) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      alert("The lab needs a server. In the folder of this page, run: python -m http.server");
    });
  }
}
