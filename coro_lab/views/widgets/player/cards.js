// The cards of the lanes: state, source and locals of each.

import { inWords, seats } from "./picture.js";
import { el, setText } from "../element.js";
import { GAP, NARROW, SVG, WIDE } from "./measures.js";
import { drawWires } from "./wires.js";
import { drawChips } from "./chips.js";

// The cards in one element. `load` gives them a trace; `show` draws a picture of it.
export function makeCards() {
  const wires = document.createElementNS(SVG, "svg");
  wires.setAttribute("class", "coro-wires");
  wires.setAttribute("aria-hidden", "true");
  const pill = el("div", "coro-pill");
  pill.setAttribute("aria-hidden", "true"); // the sentence says it
  const deck = el("div", "coro-deck");
  const stage = el("div", "coro-stage", [deck, wires, pill]);
  const chips = el("div", "coro-chips");
  const element = el("div", "coro-cards", [stage, chips]);
  const view = { trace: null, looks: [], cards: new Map(), seats: [], limit: 0, picture: null, columns: 1 };

  function load(trace, looks) {
    const same = view.trace && view.trace.lanes.every((lane, at) => JSON.stringify(lane) === JSON.stringify(trace.lanes[at]))
      && JSON.stringify(view.looks) === JSON.stringify(looks.slice(0, view.looks.length));
    if (!same) view.cards.forEach((card) => card.element.remove()), view.cards.clear(), (view.seats = []);
    Object.assign(view, { trace, looks, tallKey: same ? view.tallKey : null });
  }

  function show(picture) {
    view.picture = picture;
    const [width, lanes] = [element.clientWidth || 860, view.trace.lanes.length];
    const fitting = (least) => Math.max(Math.floor((width + GAP) / (least + GAP)), 1);
    view.columns = lanes <= fitting(NARROW) ? lanes : fitting(WIDE);
    const columns = Math.min(view.columns, lanes);
    deck.style.setProperty("--coro-columns", columns);
    deck.classList.toggle("coro-stacked", view.limit ? lanes > columns : lanes > 1 && view.columns < 2);
    const room = view.limit || Math.max(view.columns, 2);
    view.seats = view.limit ? picture.states.map((_, lane) => lane).slice(0, room) : seats(view.seats, picture.states, picture, room);
    seat();
    for (const lane of view.seats) view.cards.get(lane).show(view.trace, picture, lane);
    keepHeight(`${width} ${view.limit}`);
    drawWires({ wires, pill, stage, deck }, view);
    drawChips(chips, view, { unfold, pin });
  }

  function seat() {
    const wanted = view.seats.map((lane) => {
      if (!view.cards.has(lane)) view.cards.set(lane, makeCard(view.trace.lanes[lane], view.looks[lane]));
      return view.cards.get(lane).element;
    });
    const shown = Array.from(deck.children);
    if (shown.length !== wanted.length || shown.some((card, at) => card !== wanted[at])) deck.replaceChildren(...wanted);
  }

  // What stands below keeps its place when another card is taller: the deck only grows, until the page or the fold changes.
  function keepHeight(key) {
    if (view.tallKey !== key) Object.assign(view, { tallKey: key, tall: 0 }), (deck.style.minHeight = "");
    view.tall = Math.max(view.tall, deck.offsetHeight);
    deck.style.minHeight = `${view.tall}px`;
  }

  function unfold(limit) {
    view.limit = limit;
    show(view.picture);
    chips.querySelector("button")?.focus();
  }

  function pin(lane) {
    view.seats = [lane, ...view.seats.slice(0, -1)];
    view.picture = { ...view.picture };
    show({ ...view.picture, event: null, active: lane });
  }

  return { element, load, show, redraw: () => view.picture && show(view.picture) };
}

function makeCard(lane, look) {
  const state = el("div", "coro-state");
  const detail = el("div", "coro-says");
  const head = el("div", "coro-head", [el("span", "coro-mark", look?.symbol ?? "●"), el("span", "coro-name", lane.name), el("span", "coro-kind", lane.kind)]);
  const source = makeSource(lane);
  const locals = el("dl", "coro-locals");
  const element = el("section", "coro-card", [head, state, detail, source.element, locals]);
  element.setAttribute("aria-label", lane.name);
  if (look) element.style.setProperty("--coro-hue", look.hue), element.style.setProperty("--coro-word", look.word);

  function show(trace, picture, number) {
    const now = picture.states[number];
    const [word, more] = inWords(trace, picture.states, number);
    const look = picture.active === number ? "running" : now.state === "running" ? "waiting" : now.state;
    element.dataset.look = look;
    element.dataset.state = now.state;
    setText(state, `${{ running: "▶", waiting: "…", suspended: "☾", closed: now.ending === "raise" ? "✕" : "■", created: "○" }[look]} ${word}`);
    setText(detail, more);
    detail.title = more;
    source.show(now, look, endsOf(picture, number));
    locals.style.minHeight = `${Math.min(trace.room[number], 6) * 1.6 + 0.8}em`;
    showLocals(locals, now, picture.event?.lane === number);
  }

  return { element, show };
}

// A line of code that is wrapped, if it must be, after the dot or the parenthesis behind a name rather than within one.
function breakable(text) {
  return text.split(/(?<=[\w\])][.(])(?=[\w"'([])/).flatMap((part, at) => (at ? [el("wbr"), part] : [part]));
}

// The end of the crossing that is in this lane, marked at its line.
function endsOf({ crossing }, number) {
  if (crossing?.from.lane === number) return { label: "▸", line: crossing.from.line };
  if (crossing?.to.lane === number) return { label: "◂", line: crossing.to.line };
  return null;
}

function makeSource({ source, name }) {
  if (!source) return { element: el("p", "coro-nosource", "source not known"), show: () => {} };
  const rows = source.lines.map((text, at) => {
    const end = el("span", "coro-end");
    const code = el("span", "coro-code", breakable(text.trimStart() || " "));
    code.style.setProperty("--coro-indent", `${text.length - text.trimStart().length}ch`); // a wrapped line keeps its indent
    const row = el("div", "coro-line", [el("span", "coro-number", String(source.first + at)), code, end]);
    return { row, end };
  });
  const element = el("div", "coro-source", rows.map(({ row }) => row));
  element.tabIndex = source.lines.length > 12 ? 0 : -1;
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", `source of ${name}`);
  let [current, ended] = [null, null];

  function show(now, look, end) {
    current?.row.classList.remove("coro-here");
    current?.row.removeAttribute("aria-current");
    current = now.state === "created" || now.state === "closed" ? null : rows[now.line - source.first] ?? null;
    current?.row.classList.add("coro-here");
    current?.row.setAttribute("aria-current", "step");
    if (ended) setText(ended.end, "");
    ended = end && (rows[(end.line ?? now.line) - source.first] ?? null);
    if (ended) setText(ended.end, end.label);
    keepInView(element, (current ?? ended)?.row);
  }

  return { element, show };
}

function keepInView(box, row) {
  if (!row || box.scrollHeight <= box.clientHeight) return;
  const [top, bottom] = [row.offsetTop - box.offsetTop, row.offsetTop - box.offsetTop + row.offsetHeight];
  if (top < box.scrollTop || bottom > box.scrollTop + box.clientHeight) box.scrollTop = top - box.clientHeight / 2;
}

function showLocals(list, now, just) {
  const names = Array.from(now.locals.keys());
  while (list.children.length > names.length) list.lastChild.remove();
  while (list.children.length < names.length) list.append(el("div", "", [el("dt"), el("dd")]));
  names.forEach((name, at) => {
    const [row, changed] = [list.children[at], just && now.changed.includes(name)];
    setText(row.children[0], name);
    setText(row.children[1], now.locals.get(name) + (changed ? "  ● changed" : ""));
    row.title = `${name} = ${now.locals.get(name)}`;
    row.className = changed ? "coro-changed" : "";
  });
}
