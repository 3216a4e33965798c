// The page around a widget: its theme, a kernel that may not answer, and ids that no other widget has.

const PATIENCE = 8000; // milliseconds until a kernel that does not answer is said to be silent
const UNRUN = "Nothing can run yet: run this cell first. Click into its code and press Shift + Enter.";
const SILENT = "The kernel does not answer: it is busy or gone. If it is gone, run the cell again.";

/** For ids and for the names of groups of radio buttons. */
export function uniqueId() {
  return `coro-${Math.random().toString(36).slice(2)}`;
}

/**
 * The high contrast that an operating system forces on a page counts before the theme of JupyterLab.
 * @returns {Theme}
 */
function themeOfPage() {
  const { classList, dataset } = document.body;
  if (matchMedia("(forced-colors: active)").matches) return "contrast";
  if (dataset.jpThemeLight !== undefined) return dataset.jpThemeLight === "false" ? "dark" : "light";
  const dark = classList.contains("vscode-dark") || matchMedia("(prefers-color-scheme: dark)").matches;
  return dark ? "dark" : "light";
}

/**
 * Writes the theme of the page into `data-theme` of an element, and calls `redraw` with it, now and after each change.
 * Returns a function that ends this.
 * @param {HTMLElement} root
 * @param {(theme: Theme) => void} redraw
 */
export function followTheme(root, redraw) {
  root.classList.add("coro-widget"); // for page.css
  const dress = () => {
    const theme = themeOfPage();
    if (root.dataset.theme === theme) return;
    root.dataset.theme = theme;
    redraw(theme);
  };
  const dressSoon = () => requestAnimationFrame(dress); // JupyterLab hides the page while it changes the theme
  const watch = new MutationObserver(dressSoon);
  watch.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "class"] });
  const queries = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((query) => matchMedia(query));
  for (const query of queries) query.addEventListener("change", dressSoon);
  dress();
  return () => {
    watch.disconnect();
    for (const query of queries) query.removeEventListener("change", dressSoon);
  };
}

/**
 * Keys that are pressed in this element are neither shortcuts of JupyterLab nor the notebook's own. Some shortcuts are for
 * the element with the focus, and these are looked for first: so each element that takes the focus is marked as well.
 * @param {HTMLElement} root
 */
export function keepKeys(root) {
  root.dataset.lmSuppressShortcuts = "true";
  root.addEventListener("focusin", ({ target }) => {
    if (target instanceof HTMLElement) target.dataset.lmSuppressShortcuts = "true";
  });
  root.addEventListener("keydown", (event) => event.stopPropagation());
}

/**
 * A line to the kernel: `ask` sends a message, `heard` is to be called at each answer. Where no answer comes, `say` is
 * given a sentence: at once for a widget that is only stored, else after a while. A page that has no kernel says in
 * `data-without-kernel` of an element around the widget what to do instead.
 * @template Message
 * @param {HTMLElement} root
 * @param {(message: Message) => void} send
 * @param {(sentence: string) => void} say
 */
export function makeLine(root, send, say) {
  let stored = true;
  let timer = 0;
  const heard = () => clearTimeout(timer);
  /** @param {Message} message */
  const ask = (message) => {
    heard();
    /** @type {Maybe<HTMLElement>} */
    const cut = root.closest(".jupyter-widgets-disconnected");
    if (cut) return say(stored ? (cut.dataset.withoutKernel ?? UNRUN) : SILENT);
    stored = false;
    timer = setTimeout(say, PATIENCE, SILENT);
    try {
      send(message);
    } catch {
      heard();
      say(SILENT);
    }
  };
  return { ask, heard };
}
