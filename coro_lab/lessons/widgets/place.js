// A place in a notebook.

import { el } from "../../views/widgets/element.js";

/**
 * A link to a section of a notebook, followed by Jupyter itself; plain words where the page is no notebook of Jupyter's.
 * @param {Place} to
 */
export function place({ notebook, heading }) {
  const words = `${notebook}${heading ? `, “${heading}”` : ""}`;
  const [, path] = /\/(?:tree|notebooks)\/(.+\.ipynb)$/.exec(decodeURIComponent(location.pathname)) ?? [];
  if (!path) return el("span", "", words);
  const here = `/${path}`.endsWith(`/${notebook}.ipynb`);
  const anchor = heading ? `#${heading.replaceAll(" ", "-")}` : "";
  const link = el("a", "", here && heading ? `“${heading}” in this notebook` : words);
  link.href = `${notebook}.ipynb${anchor}`;
  const to = { path: path.replace(/[^/]+$/, `${notebook}.ipynb`), id: anchor };
  link.setAttribute("data-commandlinker-command", "rendermime:handle-local-link");
  link.setAttribute("data-commandlinker-args", JSON.stringify(to));
  return link;
}
