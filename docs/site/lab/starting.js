// In the pages of the lab: says that Python is on its way, until it has answered. Elsewhere the page looks ready long
// before, and what a learner runs shows nothing. It is a classic script inside the page, so it speaks before the rest loads.

const SENTENCE = "Python starts in your browser: half a minute at first, less the next time.";
const PATIENCE = 30_000; // milliseconds until Python is asked again: what a kernel gets while it starts can be lost
const EVERY = 250; // milliseconds between two looks at which kernel belongs to what is shown

const notice = document.body.appendChild(document.createElement("p"));
notice.className = "coro-starting";
notice.setAttribute("role", "status");
const bottom = location.pathname.includes("/repl/") ? "5rem" : "1rem"; // there, what is typed stands below
notice.style.cssText = `position: fixed; left: 50%; bottom: ${bottom}; transform: translateX(-50%); z-index: 9999; margin: 0;
  box-sizing: border-box; width: max-content; max-width: calc(100vw - 2rem); padding: .5rem 1rem; border-radius: .5rem;
  background: #1b1f27; color: #fff; border: 1px solid #fff; font: 15px/1.4 system-ui, sans-serif; pointer-events: none`;
notice.textContent = SENTENCE;

/** Whether each kernel that was asked has answered. */
const answered = new WeakMap();

/** @param {any} kernel */
async function ask(kernel) {
  answered.set(kernel, false);
  while (!kernel.isDisposed && !answered.get(kernel)) {
    const { done } = kernel.requestExecute({ code: "", silent: true, store_history: false });
    done.then(
      () => answered.set(kernel, true),
      () => {},
    );
    await new Promise((over) => setTimeout(over, PATIENCE));
  }
}

function look() {
  const shown = /** @type {any} */ (window).jupyterapp?.shell.currentWidget;
  const context = shown?.sessionContext;
  const kernel = context?.session?.kernel;
  if (kernel && !answered.has(kernel)) void ask(kernel);
  const takesNone = shown && (!context || (context.isReady && !kernel));
  notice.hidden = takesNone || answered.get(kernel) === true;
}
setInterval(look, EVERY);
