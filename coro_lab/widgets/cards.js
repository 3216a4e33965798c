// The cards of the lanes and the wires between them. Whatever a program made is set as text, never as markup.

import { inWords, seats } from "./picture.js";

const SVG = "http://www.w3.org/2000/svg";
const [WIDE, NARROW, GAP] = [250, 205, 16]; // pixels: a card, a card where all of them then fit, between cards
const BATCH = 60; // cards at once when all lanes are shown
const CHIPS = 12; // folded lanes named one by one

// An element with a class and children or text; the only way anything gets on the page.
export function el(name, className = "", content = null) {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (typeof content === "string") element.textContent = content;
  else if (content) element.append(...content);
  return element;
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

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

// ---- wires ---------------------------------------------------------------------------------------------------------
// Every card has two ports on its top edge: at the left the one to whoever resumed it, at the right the one to whomever it
// resumed. A wire runs from a right port to a left one, in the strip above the cards; what crosses goes along it either way.
// A card that sleeps has no wire, only a stub that ends in the air.

const LEVEL = 22; // pixels above a card at which the crossing runs; other wires run lower

function drawWires({ wires, pill, stage, deck }, view) {
  const { picture, seats: seated, cards } = view;
  const base = stage.getBoundingClientRect();
  const boxes = new Map(seated.map((lane) => [lane, boxOf(cards.get(lane).element, base)]));
  wires.setAttribute("viewBox", `0 0 ${base.width} ${base.height}`);
  const drawn = [];
  const inside = new Set(picture.states.map((lane) => lane.delegatingTo));
  for (const lane of seated) {
    if (picture.states[lane].state === "suspended" && !inside.has(lane)) drawn.push(stub(boxes.get(lane), picture.crossing?.from.lane === lane));
  }
  picture.links.forEach(({ from, to, kind }, level) => {
    const path = route(boxes.get(from), boxes.get(to), 8 + (level % 3) * 4);
    if (path) drawn.push(line(path, `coro-wire coro-${kind}`));
  });
  const arrow = picture.crossing && arrowOf(picture.crossing, boxes);
  if (arrow) drawn.push(line(arrow.path, "coro-arrow"), head(arrow.tip));
  wires.replaceChildren(...drawn);
  pill.hidden = !arrow;
  if (arrow) placePill(pill, picture.crossing, arrow, base, picture, view);
}

function boxOf(card, base) {
  const box = card.getBoundingClientRect();
  return { left: box.left - base.left, right: box.right - base.left, top: box.top - base.top };
}

const caller = (box) => ({ x: box.left + (box.right - box.left) * 0.36, y: box.top });
const callee = (box) => ({ x: box.left + (box.right - box.left) * 0.64, y: box.top });

function route(from, to, height) {
  if (!from || !to) return null;
  return between(callee(from), caller(to), height);
}

function between(a, b, height) {
  if (Math.abs(a.y - b.y) < 12) return [a, { x: a.x, y: a.y - height }, { x: b.x, y: a.y - height }, b];
  return [a, { x: a.x, y: a.y - height }, { x: 4, y: a.y - height }, { x: 4, y: b.y - height }, { x: b.x, y: b.y - height }, b];
}

// The crossing as a path with its tip and the middle of its level part; its outer end is the left edge where nobody is known.
function arrowOf({ from, to, entering }, boxes) {
  const [outer, inner] = (entering ? [from.lane, to.lane] : [to.lane, from.lane]).map((lane) => (lane === null ? null : boxes.get(lane)));
  if (!inner) return null;
  const end = caller(inner);
  const start = outer ? callee(outer) : { x: 0, y: end.y };
  const path = outer ? between(start, end, LEVEL) : [{ x: 0, y: end.y - LEVEL }, { x: end.x, y: end.y - LEVEL }, end];
  if (!entering) path.reverse();
  const level = path.slice(1).map((point, at) => [path[at], point]).filter(([a, b]) => a.y === b.y);
  const [a, b] = level.reduce((best, one) => (Math.abs(one[1].x - one[0].x) > Math.abs(best[1].x - best[0].x) ? one : best));
  return { path, tip: [path.at(-2), path.at(-1)], middle: { x: (a.x + b.x) / 2, y: a.y }, outside: !outer };
}

function line(points, className) {
  const path = document.createElementNS(SVG, "polyline");
  path.setAttribute("points", points.map(({ x, y }) => `${x},${y}`).join(" "));
  path.setAttribute("class", className);
  return path;
}

function head([before, tip]) {
  const [dx, dy] = [Math.sign(tip.x - before.x), Math.sign(tip.y - before.y)];
  const arrow = document.createElementNS(SVG, "polygon");
  const side = (way) => `${tip.x - dx * 11 + way * dy * 6},${tip.y - dy * 11 + way * dx * 6}`;
  arrow.setAttribute("points", `${tip.x},${tip.y} ${side(1)} ${side(-1)}`);
  arrow.setAttribute("class", "coro-tip");
  return arrow;
}

// The loose end of a suspended lane; words beside it, unless the crossing has just left along it.
function stub(box, leaving) {
  const group = document.createElementNS(SVG, "g");
  const { x, y } = leaving ? { x: box.left + 20, y: box.top } : caller(box);
  group.append(line([{ x, y }, { x, y: y - 8 }], "coro-wire"), line([{ x: x - 6, y: y - 7 }, { x: x + 6, y: y - 11 }], "coro-wire"));
  group.append(line([{ x: x - 6, y: y - 11 }, { x: x + 6, y: y - 15 }], "coro-wire"));
  const words = document.createElementNS(SVG, "text");
  words.textContent = "cut off";
  words.setAttribute("x", x + 11);
  words.setAttribute("y", y - 6);
  words.setAttribute("class", "coro-loose");
  group.append(words);
  return group;
}

function placePill(pill, crossing, { path: [start], middle, outside }, base, picture, view) {
  const name = outside ? view.trace.driver : null;
  const words = name ? (crossing.entering ? `${name}: ${crossing.label}` : `${crossing.label} → ${name}`) : crossing.label;
  setText(pill, words);
  pill.title = words;
  pill.dataset.kind = crossing.kind;
  pill.dataset.index = picture.index;
  const half = Math.min(pill.offsetWidth, base.width) / 2;
  pill.style.left = `${Math.min(Math.max(middle.x, half), base.width - half)}px`;
  pill.style.top = `${middle.y - 3}px`;
  if (view.arrived === picture.index) return;
  view.arrived = picture.index;
  pill.style.setProperty("--coro-from", `${Math.round((start.x - middle.x) * 0.6)}px`);
  pill.style.animation = "none"; // what comes on the heels of another crossing sets out anew
  void pill.offsetWidth;
  pill.style.animation = ""; // the style sheet's, which has none for those who asked for less motion
}

// ---- folded lanes ----------------------------------------------------------------------------------------------------

function drawChips(chips, view, { unfold, pin }) {
  const { trace, picture, seats: seated, limit, looks } = view;
  const total = trace.lanes.length;
  const folded = picture.states.map((_, lane) => lane).filter((lane) => !seated.includes(lane));
  chips.hidden = !folded.length && !limit;
  const key = JSON.stringify([folded.slice(0, CHIPS), folded.length, limit]);
  if (chips.dataset.key !== key) {
    chips.dataset.key = key;
    const button = (words, act) => Object.assign(el("button", "coro-chip", words), { type: "button", onclick: act });
    const parts = [el("span", "coro-count")];
    for (const lane of limit ? [] : folded.slice(0, CHIPS)) parts.push(button("", () => pin(lane)));
    if (folded.length) parts.push(button(limit ? `show ${Math.min(BATCH, folded.length)} more` : `show all ${total}`, () => unfold(limit + BATCH)));
    if (limit) parts.push(button("fold", () => unfold(0)));
    chips.replaceChildren(...parts);
  }
  if (chips.hidden) return;
  const unnamed = folded.length - (limit ? 0 : CHIPS);
  setText(chips.firstChild, folded.length ? `${folded.length} of ${total} lanes folded${unnamed > 0 && !limit ? `, ${unnamed} of them unnamed here` : ""}:` : `all ${total} lanes`);
  if (!limit) folded.slice(0, CHIPS).forEach((lane, at) => setText(chips.children[at + 1], `${looks[lane]?.symbol ?? "●"} ${trace.lanes[lane].name}: ${inShort(trace, picture, lane)}`));
}

function inShort(trace, picture, lane) {
  const [word, more] = inWords(trace, picture.states, lane);
  return word.startsWith("suspended") || word === "created" ? word : `${word}, ${more}`;
}
