// The cards of the lanes: state, source and locals of each.

import { el, setText } from "../element.js";
import { drawChips } from "./chips.js";
import { GAP, NARROW, WIDE } from "./measures.js";
import { inWords, seats } from "./picture.js";
import { makeSource } from "./source.js";
import { makeTraveller } from "./traveller.js";
import { drawWires, svg } from "./wires.js";

/** @type {Record<string, string>} */
const SIGNS = { running: "▶", waiting: "…", suspended: "☾", closed: "■", raised: "✕", created: "○" };

/** The cards in one element. `load` gives them a trace; `show` draws a picture of it. */
export function makeCards() {
  const wires = svg("svg", "coro-wires");
  wires.setAttribute("aria-hidden", "true");
  const pill = el("div", "coro-pill");
  pill.setAttribute("aria-hidden", "true"); // the sentence says it
  const deck = el("div", "coro-deck");
  const stage = el("div", "coro-stage", [deck]);
  const traveller = makeTraveller();
  stage.append(wires, pill, traveller.element);
  const chips = el("div", "coro-chips");
  const element = el("div", "coro-cards", [stage, chips]);
  /** @type {CardsView} */
  let view;
  /** @type {Ends} */
  let marked = { leaves: null, lands: null, words: "" };
  const tall = { key: "", height: 0 };

  /** @param {Trace} trace @param {Look[]} looks */
  function load(trace, looks) {
    const before = view && JSON.stringify([view.trace.lanes, view.looks]);
    const lanes = trace.lanes.slice(0, view?.trace.lanes.length);
    const same = before === JSON.stringify([lanes, looks.slice(0, view?.looks.length)]);
    if (same) view = { ...view, trace, looks };
    else {
      deck.replaceChildren();
      tall.key = "";
      view = { trace, looks, cards: new Map(), seats: [], limit: view?.limit ?? 0 };
    }
  }

  /**
   * What crosses is on its way for most of `pace`, in milliseconds, where a picture follows another.
   * @param {Picture} picture
   * @param {number} [pace]
   */
  function show(picture, pace = 0) {
    const [width, lanes] = [element.clientWidth || 860, view.trace.lanes.length];
    /** @param {number} least */
    const fitting = (least) => Math.max(Math.floor((width + GAP) / (least + GAP)), 1);
    const fit = lanes <= fitting(WIDE) ? lanes : fitting(NARROW);
    const columns = Math.min(fit, lanes);
    view.picture = picture;
    deck.style.setProperty("--coro-columns", String(columns));
    deck.classList.toggle("coro-stacked", view.limit ? lanes > columns : lanes > 1 && fit < 2);
    view.seats = view.limit
      ? picture.states.map((_, lane) => lane).slice(0, view.limit)
      : seats(view.seats, picture.states, picture, Math.max(fit, 2));
    const cards = view.seats.map(cardOf);
    seat(cards.map((card) => card.element));
    /** @type {Ends} */
    const ends = { leaves: null, lands: null, words: picture.event?.value ?? picture.crossing?.label ?? "" };
    cards.forEach((card, at) => {
      const [end, part] = card.show(view.trace, picture, view.seats[at]);
      if (end) ends[end] = part;
    });
    keepHeight(`${width} ${view.limit}`);
    const path = drawWires({ wires, pill, stage }, view, picture);
    traveller.show(picture, path, ends, pace);
    marked = ends;
    drawChips(chips, view, picture, { unfold, pin });
  }

  /** @param {number} lane */
  function cardOf(lane) {
    const card = view.cards.get(lane) ?? makeCard(view.trace.lanes[lane], view.looks[lane]);
    view.cards.set(lane, card);
    return card;
  }

  /** @param {HTMLElement[]} wanted */
  function seat(wanted) {
    const shown = Array.from(deck.children);
    if (shown.length !== wanted.length || shown.some((card, at) => card !== wanted[at]))
      deck.replaceChildren(...wanted);
  }

  /**
   * What stands below keeps its place when another card is taller: the deck only grows, until the page or the fold changes.
   * @param {string} key
   */
  function keepHeight(key) {
    if (tall.key !== key) {
      Object.assign(tall, { key, height: 0 });
      deck.style.minHeight = "";
    }
    tall.height = Math.max(tall.height, deck.offsetHeight);
    deck.style.minHeight = `${tall.height}px`;
  }

  function redraw() {
    if (view?.picture) show(view.picture);
  }

  /** @param {number} limit */
  function unfold(limit) {
    view.limit = limit;
    redraw();
    chips.querySelector("button")?.focus();
  }

  /** @param {number} lane */
  function pin(lane) {
    view.seats = [lane, ...view.seats.slice(0, -1)];
    if (view.picture) show({ ...view.picture, event: null, active: lane, next: [] });
  }

  return { element, load, show, redraw, ends: () => marked };
}

/**
 * @param {Lane} lane
 * @param {Look | undefined} look
 * @returns {Card}
 */
function makeCard(lane, look) {
  const [mark, name] = [el("span", "coro-mark", look?.symbol ?? "●"), el("span", "coro-name", lane.name)];
  const head = el("div", "coro-head", [mark, name, el("span", "coro-kind", lane.kind)]);
  const [state, detail, locals] = [el("div", "coro-state"), el("div", "coro-says"), makeLocals()];
  const source = makeSource(lane);
  const element = el("div", "coro-card", [head, state, detail, source.element, locals.element]);
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", lane.name);
  if (look) {
    element.style.setProperty("--coro-hue", look.hue);
    element.style.setProperty("--coro-word", look.word);
  }

  /** @type {Card["show"]} */
  function show(trace, picture, number) {
    const now = picture.states[number];
    const [word, more] = inWords(trace, picture.states, number);
    const doing = picture.active === number ? "running" : now.state === "running" ? "waiting" : now.state;
    element.dataset.look = doing;
    element.dataset.state = now.state;
    setText(state, `${SIGNS[doing === "closed" && now.ending === "raise" ? "raised" : doing]} ${word}`);
    setText(detail, more);
    detail.title = more;
    locals.show(now, picture.event?.lane === number, trace.room[number]);
    const end = endOf(trace, picture, number);
    return [end && (end.leaves ? "leaves" : "lands"), source.show(now, end)];
  }

  return { element, show };
}

/**
 * The end of the crossing that is in this lane.
 * @param {Trace} trace
 * @param {Picture} picture
 * @param {number} number
 * @returns {Maybe<SourceEnd>}
 */
function endOf(trace, { crossing, event }, number) {
  if (!crossing || !event || (crossing.from.lane !== number && crossing.to.lane !== number)) return null;
  const leaves = crossing.from.lane === number;
  const callee = trace.lanes[event.lane].name.replace(/ \d+$/, ""); // the second call of a function is numbered
  const { line } = leaves ? crossing.from : crossing.to;
  return { line, leaves, kind: crossing.kind, inside: event.lane === number, callee };
}

/** The names that a lane has bound; room for up to six of them is kept. */
function makeLocals() {
  const element = el("dl", "coro-locals");
  /** @type {{ row: HTMLElement, term: HTMLElement, value: HTMLElement }[]} */
  const rows = [];

  function makeRow() {
    const [term, value] = [el("dt"), el("dd")];
    return { row: el("div", "", [term, value]), term, value };
  }

  /**
   * @param {LaneState} now
   * @param {boolean} just whether the event is this lane's
   * @param {number} room
   */
  function show(now, just, room) {
    const names = Array.from(now.locals.keys());
    element.style.minHeight = `${Math.min(room, 6) * 1.6 + 0.8}em`;
    for (const { row } of rows.splice(names.length)) row.remove();
    while (rows.length < names.length) {
      rows.push(makeRow());
      element.append(rows[rows.length - 1].row);
    }
    rows.forEach(({ row, term, value }, at) => {
      const [name, bound] = [names[at], now.locals.get(names[at])];
      const changed = just && now.changed.includes(name);
      setText(term, name);
      setText(value, `${bound}${changed ? "  ● changed" : ""}`);
      row.title = `${name} = ${bound}`;
      row.className = changed ? "coro-changed" : "";
    });
  }
  return { element, show };
}
