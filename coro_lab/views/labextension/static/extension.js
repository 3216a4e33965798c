// An extension of JupyterLab and Notebook 7, loaded as it stands here: it draws stored widgets that come late, and puts a
// shared program into the playground.
//
// A cell asks the widget manager (@jupyter-widgets/base-manager 1.0, `get_model`) for its widget every tenth of a
// second, for two seconds. Where the widgets stored in a notebook arrive just then, the cell has stopped to ask, sees
// that all are there ("restored"), and says "model not found" for good: once in six openings on a busy machine.

const VIEW = "application/vnd.jupyter.widget-view+json";
const MISSING = "Error displaying widget: model not found";

/**
 * The renderers in this notebook that found no widget, each with its output.
 * @param {NotebookPanel} panel @returns {[WidgetRenderer, WidgetOutput][]}
 */
function notFound(panel) {
  const areas = panel.content.widgets.flatMap(({ outputArea }) => (outputArea ? [outputArea] : []));
  return areas.flatMap(({ model, widgets }) =>
    widgets.flatMap((shown, i) => {
      const renderers = [...shown.children()].filter((one) => one._manager && one.node.textContent === MISSING);
      return renderers.map((renderer) => /** @type {[WidgetRenderer, WidgetOutput]} */ ([renderer, model.get(i)]));
    }),
  );
}

/** @type {WeakSet<WidgetRenderer>} */
const asked = new WeakSet();

/**
 * Draw again what the widget manager knows by now; what it does not know, once, which asks it for two more seconds.
 * @param {NotebookPanel} panel @param {WidgetManager} manager
 */
function drawAgain(panel, manager) {
  for (const [renderer, output] of notFound(panel)) {
    if (asked.has(renderer) && !manager.has_model(output.data[VIEW].model_id)) continue;
    asked.add(renderer);
    renderer.removeClass("jupyter-widgets");
    void renderer.renderModel(output);
  }
}

/** @param {NotebookPanel} panel */
function watch(panel) {
  const seen = new MutationObserver(async (changes) => {
    const added = changes.flatMap((change) => [...change.addedNodes]);
    if (!added.some((node) => node.textContent?.includes(MISSING))) return;
    const [missed] = notFound(panel);
    if (missed) drawAgain(panel, await missed[0]._manager.promise);
  });
  seen.observe(panel.node, { childList: true, subtree: true });
  panel.disposed.connect(() => seen.disconnect());
}

const plugin = {
  id: "coro-lab:stored-widgets",
  autoStart: true,
  /** @param {JupyterApp} app */
  activate: ({ docRegistry }) => {
    docRegistry.addWidgetExtension("Notebook", { createNew: watch });
  },
};

// ---- A program in the address, `#program=`, as share() and the player page make it. JupyterLab soon drops it from there.

const PLAYGROUND = "%%playground";
const LONGEST = 100_000; // characters, as in docs/site/player/page.js
const { hash } = location;
const here = /** @type {HTMLScriptElement} */ (document.currentScript).src;

/** The text of a cell with the shared program; where the link is damaged, a comment that says so. */
async function sharedCell() {
  const { unpack } = await import(new URL("link.js", here).href);
  try {
    const text = await unpack(hash.slice("#program=".length));
    if (text.length > LONGEST) return `# The shared program has more than ${LONGEST.toLocaleString("en")} characters.`;
    return `${PLAYGROUND} program\n${text.trimEnd()}`;
  } catch (error) {
    return `# ${/** @type {Error} */ (error).message}`;
  }
}

/**
 * Put the shared program into a cell below the playground's first one. It runs when its reader runs that cell.
 * @param {NotebookPanel} panel
 */
async function addShared(panel) {
  await panel.context.ready;
  const { content } = panel;
  const place = content.widgets.findIndex(({ model }) => model.sharedModel.source.startsWith(PLAYGROUND)) + 1;
  if (!place) return;
  content.model.sharedModel.insertCell(place, { cell_type: "code", source: await sharedCell(), metadata: {} });
  content.activeCellIndex = place;
  void content.scrollToItem(place, "center");
}

const sharedProgram = {
  id: "coro-lab:shared-program",
  autoStart: true,
  /** @param {JupyterApp} app */
  activate: ({ docRegistry }) => {
    if (!hash.startsWith("#program=")) return;
    const added = docRegistry.addWidgetExtension("Notebook", {
      createNew: (panel) => {
        added.dispose(); // for the notebook that the link opens, and no later one
        void addShared(panel);
      },
    });
  },
};

// What JupyterLab asks of an extension that is built already: webpack's `init` and `get`.
const built = { init: () => {}, get: async () => () => ({ __esModule: true, default: [plugin, sharedProgram] }) };
window._JUPYTERLAB = { ...window._JUPYTERLAB, "coro-lab": built };
