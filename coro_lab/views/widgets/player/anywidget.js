// The player as anywidget takes it: its traits come from the model, and what it asks goes there.

import { mount } from "./player.js";

/**
 * What a player is given, from the model of a widget that has a player's traits.
 * @param {Pick<Model<PlayerTraits>, "get">} model
 * @returns {PlayerTraits}
 */
export function traitsOf(model) {
  return {
    trace: model.get("trace"),
    looks: model.get("looks"),
    index: model.get("index"),
    follow: model.get("follow"),
    hide_lines: model.get("hide_lines"),
    title: model.get("title"),
    can_fork: model.get("can_fork"),
    play: model.get("play"),
    site: model.get("site"),
    other: model.get("other"),
  };
}

/** @param {Given<PlayerTraits, ForkMessage>} given */
function render({ model, el: host }) {
  const player = mount(host, (message) => model.send(message));
  const reload = () => player.load(traitsOf(model));
  const move = () => player.go(model.get("index"));
  model.on("change:trace", reload);
  model.on("change:index", move);
  model.on("msg:custom", player.hear);
  reload();
  return () => {
    model.off("change:trace", reload);
    model.off("change:index", move);
    model.off("msg:custom", player.hear);
    player.unmount();
  };
}

export default { render };
