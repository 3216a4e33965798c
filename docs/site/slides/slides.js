// Arrows, space and swipes move from slide to slide; in a player they step the player.

import Reveal from "./reveal.esm.js";

const { pathname } = location;
const book = Object.assign(document.createElement("a"), {
  className: "slides-book",
  href: `../${pathname.slice(pathname.lastIndexOf("/") + 1)}`,
  textContent: "The page",
});
document.querySelector("main").prepend(book);

Reveal.initialize({ hash: true, disableLayout: true, transition: "none", controlsTutorial: false, slideNumber: "c/t" });
