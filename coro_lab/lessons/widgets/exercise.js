// What came of an attempt, with hints one by one and a solution on request.

import { asker, frame, live, outcome } from "./learning.js";

function render({ model, el: host }) {
  const { root, close } = frame(host, `Exercise ${model.get("name")}`);
  const silence = live();
  const asking = asker(model, silence);
  const parts = outcome(model, asking);
  root.append(...parts.elements, silence);
  const show = () => (silence.replaceChildren(), parts.show());
  model.on("change:answered", show);
  parts.show();
  return () => (model.off("change:answered", show), asking.close(), close());
}

export default { render };
