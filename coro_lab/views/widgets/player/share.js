// The button that copies a link to the run. It is there where a site is known: the site that the page belongs to says so
// in its head, otherwise Python has said it.

import { el, makeButton, setText } from "../element.js";
import { LONGEST_LINK, runFragment } from "./link.js";

/** What gives the link to a run: `load` is to be called with what the player is given. */
export function makeShare() {
  /** @type {Maybe<PlayerTraits>} */
  let given = null;
  const said = el("span", "coro-shared");
  said.setAttribute("role", "status");
  const link = Object.assign(el("input", "coro-link"), { readOnly: true, hidden: true });
  link.setAttribute("aria-label", "link to this run");
  link.addEventListener("focus", () => link.select());
  const element = el("div", "coro-share", [makeButton("copy a link to this run", "coro-button", share), link, said]);

  async function share() {
    if (!given) return;
    const [site, fragment] = [siteOf(given), await runFragment(given)];
    const page = site.startsWith("file:") ? "index.html" : ""; // a server finds it by itself
    link.value = `${site}player/${page}#${fragment}`;
    const length = link.value.length.toLocaleString("en");
    link.hidden = link.value.length > LONGEST_LINK;
    if (!link.hidden) return setText(said, await copied());
    const most = LONGEST_LINK.toLocaleString("en");
    const instead = 'Save it as a page instead: trace.save_html("run.html").';
    setText(said, `This run is too large for a link: ${length} characters, and a browser shows ${most}. ${instead}`);
  }

  async function copied() {
    link.focus();
    try {
      await navigator.clipboard.writeText(link.value);
      return "Copied. The run itself is in the link, and no server sees it.";
    } catch {
      return "Copy this link. The run itself is in it, and no server sees it.";
    }
  }

  /** @param {PlayerTraits} traits */
  function load(traits) {
    given = traits;
    link.hidden = true;
    setText(said, "");
    element.hidden = !siteOf(traits);
  }
  return { element, load };
}

/**
 * The address of the site with a slash at its end; empty if none is known.
 * @param {Pick<PlayerTraits, "site">} traits
 */
function siteOf({ site }) {
  const named = document.querySelector('meta[name="coro-lab-site"]')?.getAttribute("content");
  const address = named ? new URL(named, document.baseURI).href : site;
  return address && !address.endsWith("/") ? `${address}/` : address;
}
