// A place in a notebook.

import { el } from "../../views/widgets/element.js";

/**
 * A link to a section or a cell of a notebook, followed by Jupyter itself; plain words where the page is no notebook of
 * Jupyter's. Without `words` it says where it leads.
 * @param {Place & { cell?: string }} to
 * @param {string} [said]
 */
export function place({ notebook, heading, cell }, said) {
  const titled = heading && `“${heading.replaceAll('"', "")}”`; // a heading may be a quotation itself
  const words = said || `${notebook}${titled ? `, ${titled}` : ""}`;
  const [, path] = /\/(?:tree|notebooks)\/(.+\.ipynb)$/.exec(decodeURIComponent(location.pathname)) ?? [];
  if (!path) return el("span", "", words);
  const here = `/${path}`.endsWith(`/${notebook}.ipynb`);
  const section = heading ? `#${heading.replaceAll(" ", "-")}` : "";
  const anchor = cell ? `#cell-id=${cell}` : section;
  const link = el("a", "", !said && here && titled ? `${titled} in this notebook` : words);
  link.href = `${notebook}.ipynb${anchor}`;
  const to = { path: path.replace(/[^/]+$/, `${notebook}.ipynb`), id: anchor };
  link.setAttribute("data-commandlinker-command", "rendermime:handle-local-link");
  link.setAttribute("data-commandlinker-args", JSON.stringify(to));
  return link;
}
