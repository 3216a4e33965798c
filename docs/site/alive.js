// Lets the widgets that are stored in a page draw themselves; docs/site/stored.py writes them into it. It is a classic
// script, and so is what it loads, because a browser loads no module into a page that is opened as a file.

const here = /** @type {HTMLScriptElement} */ (document.currentScript).src;

/**
 * A model as the modules of widgets take it. No kernel answers it.
 * @param {Record<string, unknown>} state
 */
function modelOf(state) {
  const listeners = new Map();
  const heard = (event) => listeners.get(event) ?? listeners.set(event, new Set()).get(event);
  return {
    get: (name) => state[name],
    set(name, value) {
      state[name] = value;
      for (const call of heard(`change:${name}`)) call();
    },
    save_changes() {},
    on: (event, call) => heard(event).add(call),
    off: (event, call) => heard(event).delete(call),
    send() {},
  };
}

/** @type {Map<string, Promise<unknown>>} */
const styles = new Map();

/** @param {string} name */
function styled(name) {
  if (!styles.has(name)) {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL(name, here) });
    styles.set(name, new Promise((resolve) => Object.assign(link, { onload: resolve, onerror: resolve })));
    document.head.append(link);
  }
  return styles.get(name);
}

/** @type {Map<string, Promise<{ default: { render: Function } }>>} */
const modules = new Map();

/** @param {string} name */
function moduleOf(name) {
  if (!modules.has(name)) {
    const script = Object.assign(document.createElement("script"), { src: new URL(name, here) });
    modules.set(name, new Promise((resolve, reject) => Object.assign(script, { onload: resolve, onerror: reject })).then(imported));
    document.head.append(script);
  }
  return modules.get(name);

  function imported() {
    const text = window.coroModules[name];
    return import(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
  }
}

/** @param {HTMLElement} host */
async function wake(host) {
  const { module, style, state } = JSON.parse(host.querySelector("script").textContent);
  const [{ default: kind }] = await Promise.all([moduleOf(module), styled(style)]);
  await kind.render({ model: modelOf(state), el: host });
  host.closest(".coro-stored").classList.add("coro-alive");
}

/** Widgets draw in the colours of the theme that the page says it has. */
function followPage() {
  const { theme } = document.body.dataset;
  const auto = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.body.dataset.jpThemeLight = String((["light", "dark"].includes(theme) ? theme : auto) === "light");
}
new MutationObserver(followPage).observe(document.body, { attributes: true, attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", followPage);
followPage();
document.body.dataset.coroBook = new URL("../../", here).href; // where links between notebooks lead

for (const host of document.querySelectorAll(".coro-host")) wake(host);
for (const place of document.querySelectorAll(".coro-kernels-button")) {
  place.querySelector("button").addEventListener("click", () => {
    place.querySelector("[role=status]").textContent = place.dataset.withoutKernel;
  });
}
