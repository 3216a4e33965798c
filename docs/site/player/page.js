// The page that shows the run or the program in its address. All of it was written by somebody else, and is shown as text.

import { el, makeButton, setText } from "../../../coro_lab/views/widgets/element.js";
import { followTheme } from "../../../coro_lab/views/widgets/page.js";
import { tokensOf } from "../../../coro_lab/views/widgets/player/code.js";
import { coloured } from "../../../coro_lab/views/widgets/player/coloured.js";
import { readRun, unpack } from "../../../coro_lab/views/widgets/player/link.js";
import { mount } from "../../../coro_lab/views/widgets/player/player.js";
import { Unreadable } from "../../../coro_lab/views/widgets/player/trace.js";

const LONGEST_PROGRAM = 100_000; // characters; views/links.py has the same
const ON_A_PHONE = "(max-width: 48rem)"; // as in the book's style sheet: JupyterLab has no room here
const main = /** @type {HTMLElement} */ (document.querySelector("main"));
const { lab } = JSON.parse(document.querySelector('script[type="application/json"]')?.textContent ?? "{}");
let unmount = () => {};
main.classList.add("coro-shared-page");
followTheme(main, () => {});

async function openAddress() {
  unmount();
  unmount = () => {};
  const [kind, packed = ""] = location.hash.slice(1).split("=");
  try {
    if (kind === "run") showRun(await readRun(packed));
    else if (kind === "program") showProgram(await unpack(packed));
    else showHelp();
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const fault = el("p", "coro-fault", error.message);
    fault.setAttribute("role", "alert");
    main.replaceChildren(el("h1", "", "This link cannot be opened"), fault, toCourse());
  }
}

/** @param {PlayerTraits} traits */
function showRun(traits) {
  const host = el("div");
  document.title = traits.title.slice(0, 200) || "A shared run";
  const about = paragraph("Somebody recorded this run. It is shown as text and pictures, and nothing of it runs here.");
  main.replaceChildren(el("h1", "", "A shared run"), about, host, toCourse());
  const player = mount(host);
  player.load(traits);
  unmount = player.unmount;
}

/** @param {string} text */
function showProgram(text) {
  if (text.length > LONGEST_PROGRAM)
    throw new Unreadable(`This program has more than ${LONGEST_PROGRAM.toLocaleString("en")} characters.`);
  document.title = "A shared program";
  const code = el("div", "coro-program", coloured(text, tokensOf(text), 0, text.length));
  code.tabIndex = 0;
  const heard = paragraph("");
  heard.setAttribute("role", "status");
  const copy = makeButton("copy the program", "coro-button", async () => {
    const copied = await navigator.clipboard.writeText(text).then(Boolean.bind(null, true), () => false);
    setText(heard, copied ? "Copied." : "The browser does not allow it: select the program and copy it.");
  });
  main.replaceChildren(
    el("h1", "", "A shared program"),
    paragraph("Somebody wrote it. Nothing of it runs on this page."),
  );
  main.append(code, copy, heard, ...wayToLab(), toCourse());
}

function wayToLab() {
  if (!lab) return [paragraph("To run it, paste it into the playground notebook of the course.")];
  const address = matchMedia(ON_A_PHONE).matches ? lab.narrow : lab.wide;
  const link = Object.assign(el("a", "", "open the playground"), { href: address + location.hash });
  return [el("p", "", [link, " with this program in a cell. It runs when you run that cell."])];
}

function showHelp() {
  document.title = "A shared run";
  main.replaceChildren(
    el("h1", "", "No run is in this address"),
    paragraph(
      "A link to a run ends in #run= and many letters. In Python, trace.link() makes it; the player has a button.",
    ),
    paragraph("The run itself is in the link: no server sees it."),
    toCourse(),
  );
}

/** @param {string} sentence */
const paragraph = (sentence) => el("p", "", sentence);
const toCourse = () => el("p", "", [Object.assign(el("a", "", "to the course"), { href: "../index.html" })]);

addEventListener("hashchange", openAddress);
openAddress();
