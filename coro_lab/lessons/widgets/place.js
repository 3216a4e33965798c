// A place in a notebook.

import { el } from "../../views/widgets/element.js";

/**
 * A link to a section or a cell of a notebook, followed by Jupyter itself; in the book (docs/site), to a section of a page.
 * Plain words on any other page. Without `words` it says where it leads.
 * @param {Place & { cell?: string }} to
 * @param {string} [said]
 */
export function place({ notebook, heading, cell }, said) {
  const titled = heading && `“${heading.replaceAll('"', "")}”`; // a heading may be a quotation itself
  const words = said || `${notebook}${titled ? `, ${titled}` : ""}`;
  const [, path] = /\/(?:tree|notebooks)\/(.+\.ipynb)$/.exec(decodeURIComponent(location.pathname)) ?? [];
  const book = document.body.dataset.coroBook; // the address of the folder of its pages
  if (!path && !book) return el("span", "", words);
  const file = `${notebook}.${path ? "ipynb" : "html"}`;
  const here = `/${path ?? location.pathname}`.endsWith(`/${file}`);
  const section = heading ? `#${heading.replaceAll(" ", "-")}` : "";
  const anchor = cell && path ? `#cell-id=${cell}` : section;
  const link = el("a", "", !said && here && titled ? `${titled} in this notebook` : words);
  link.href = path ? `${file}${anchor}` : `${book}${file}${anchor}`;
  if (!path) return link;
  const to = { path: path.replace(/[^/]+$/, `${notebook}.ipynb`), id: anchor };
  link.setAttribute("data-commandlinker-command", "rendermime:handle-local-link");
  link.setAttribute("data-commandlinker-args", JSON.stringify(to));
  return link;
}
