// What came of an attempt, with hints one by one and a solution on request.

import { asker, frame, live } from "./learning.js";
import { outcome } from "./outcome.js";

/** @param {Given<ExerciseTraits, ExerciseMessage>} given */
function render({ model, el: host }) {
  const { root, close } = frame(host, `Exercise ${model.get("name")}`);
  const silence = live();
  const parts = outcome(model, (message) => asking.ask(message));
  const asking = asker(model, silence, () => {
    silence.replaceChildren();
    parts.show();
  });
  root.append(...parts.elements, silence);
  parts.show();
  return () => {
    asking.close();
    close();
  };
}

export default { render };
