// Arrows, space and swipes move from slide to slide; in a player they step the player. With `?print` in the address,
// the slides lie one below the other, as they will on paper.

/* global Reveal */

const { pathname, search } = location;
const page = pathname.slice(pathname.lastIndexOf("/") + 1);
const toPrint = search === "?print";

/** @param {string} textContent @param {string} href */
const link = (textContent, href) => Object.assign(document.createElement("a"), { textContent, href });
const ways = Object.assign(document.createElement("nav"), { className: "slides-ways", ariaLabel: "Elsewhere" });
ways.append(link("The page", `../${page}`), toPrint ? link("As a talk", page) : link("To print", `${page}?print`));
document.querySelector(".reveal").prepend(ways);

/** Make a slide that is too tall smaller; what is still too tall then is scrolled. */
function fit(slide, smallest) {
  for (let percent = 100; percent >= smallest; percent -= 5) {
    slide.style.setProperty("--zoom", String(percent / 100));
    if (slide.scrollHeight <= slide.clientHeight) return;
  }
}

/** Fit a slide now, and whenever a widget has drawn or something was unfolded. */
function keepFitted(slide, smallest) {
  const changed = new ResizeObserver(() => fit(slide, smallest));
  for (const block of slide.children) changed.observe(block);
}

if (toPrint) {
  document.documentElement.classList.add("print-pdf"); // without it, reveal.css sets all of it anew on paper
  for (const slide of document.querySelectorAll(".slides > section > section")) keepFitted(slide, 40);
} else {
  const shown = new WeakSet();
  const show = ({ currentSlide }) => {
    if (shown.has(currentSlide) || document.body.clientWidth < 700) return;
    shown.add(currentSlide);
    keepFitted(currentSlide, 60);
  };
  Reveal.on("ready", show);
  Reveal.on("slidechanged", show);
  addEventListener("resize", () => document.body.clientWidth < 700 || fit(Reveal.getCurrentSlide(), 60));
  Reveal.initialize({ hash: true, disableLayout: true, transition: "none", controlsTutorial: false, slideNumber: "c/t" });
}
