// The player as anywidget takes it: its traits come from the model, and what it asks goes there.

import { mount } from "./player.js";

const TRAITS = ["trace", "looks", "index", "follow", "hide_lines", "title", "can_fork"];

function render({ model, el: host }) {
  const given = () => Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  const player = mount(host, (message) => model.send(message));
  const reload = () => player.load(given());
  const hear = (message) => player.hear(message);
  const move = () => player.go(model.get("index"));
  model.on("change:trace", reload);
  model.on("change:index", move);
  model.on("msg:custom", hear);
  player.load(given());
  return () => {
    model.off("change:trace", reload);
    model.off("change:index", move);
    model.off("msg:custom", hear);
    player.unmount();
  };
}

export default { render };
