// What crosses between Python and JavaScript, and what the modules of the front end hand to each other.
// All of it is global, so no module imports it. tests/views/widgets/test_types.py compares the traits and the trace with
// those of Python. `make types` checks the modules; a learner needs none of this.

// ---- anywidget

interface Model<Traits, Message = never> {
  get<Name extends keyof Traits>(name: Name): Traits[Name];
  set<Name extends keyof Traits>(name: Name, value: Traits[Name]): void;
  save_changes(): void;
  send(message: Message): void;
  on(event: `change:${keyof Traits & string}`, act: () => void): void;
  on(event: "msg:custom", act: (message: ForkAnswer) => void): void;
  off(event: string, act: unknown): void;
}

interface Given<Traits, Message = never> {
  model: Model<Traits, Message>;
  el: HTMLElement;
}

// ---- the trace, as coro_lab/trace/codec.py writes it

type Kind =
  | ("start" | "resume" | "suspend" | "delegate" | "throw" | "close" | "return" | "raise")
  | ("line" | "output" | "await" | "preempt")
  | ("cancel" | "uncancel" | "lost" | "abandon");
type LaneKind = "function" | "generator" | "coroutine" | "async generator" | "thread";
type Maybe<Value> = Value | null;

/** Types and texts are places in the tables of the trace; trailing cells that are null are left out. */
type EventRow = [
  step: number,
  lane: number,
  type: number,
  line?: Maybe<number>,
  value?: Maybe<number>,
  peer?: Maybe<number>,
  peerLine?: Maybe<number>,
  changed?: Maybe<Maybe<number>[]>, // name, value, name, value; no value: unbound
];

/** What many events share: what happened, in which words, and what its lane and its peer do then. */
type EventTypeRow = [
  kind: Kind,
  sentence: string,
  doing: Doing,
  label?: Maybe<string>,
  peerDoing?: Maybe<Doing>,
  ending?: Maybe<Ending>,
];

interface TraceDocument {
  coro_lab_trace: 3;
  driver: Maybe<string>;
  cut: Maybe<string>;
  note: Maybe<string>;
  result: Maybe<string>;
  error: Maybe<string>;
  outside: Maybe<string>; // the name of what resumes lanes without being a lane
  types: EventTypeRow[];
  sources: [first: number, text: string][];
  lanes: [name: string, kind: LaneKind, source: Maybe<number>, thread: string, task: Maybe<string>][];
  events: EventRow[];
  texts: string[];
  families?: FamilyRow[];
}

/** A TaskGroup, `gather` or `wait`; the errors are the nodes of its exception group. */
type FamilyRow = [
  name: string,
  owner: Maybe<number>,
  line: Maybe<number>,
  opened: number,
  waits: Maybe<number>,
  ended: Maybe<number>,
  outcome: Maybe<string>,
  block: Maybe<string>,
  errors: [depth: number, text: string][],
  members: [name: string, lane: Maybe<number>, by: Maybe<number>, ended: Maybe<number>, outcome: Maybe<string>][],
];

// ---- the traits of each widget, its messages and their answers

type LaneLook = [colour: string, text: string, dark: string, symbol: string];

interface PlayerTraits {
  index: number;
  follow: boolean;
  hide_lines: boolean;
  title: string;
  can_fork: boolean;
  play: boolean;
  site: string;
  looks: LaneLook[];
  trace: string;
  other: Maybe<OtherRun>;
}

/** A run to be shown beside the player's own; `at` are the events of both at which they first differ. */
interface OtherRun {
  trace: string;
  looks: LaneLook[];
  title: string;
  at: Maybe<[own: number, other: number]>;
}

type ForkMessage = { ask: "fork"; index: number; value: string };
type ForkAnswer = { error: string; run?: never } | { error?: never; run: OtherRun };

interface StepperTraits extends PlayerTraits {
  now: StepperNow;
}

type Verb = "next" | "send" | "throw" | "close" | "back";
type PressMessage = { ask: "press"; verb: Verb; written: string };

interface StepperNow {
  name: string;
  state: string;
  line: Maybe<number>;
  in: string;
  out: string;
  refusals: Partial<Record<Verb, string>>;
  none_starts: boolean;
  told: string;
  problem: string;
  answer: number;
}

interface EnginesTraits extends PlayerTraits {
  engine: string;
  runs: Record<string, EngineRun>;
}

interface EngineRun {
  trace: string;
  looks: LaneLook[];
  lines: [text: string, differs: boolean][][];
  told: string;
}

interface SchedulerTraits {
  program: Program;
  looks: Style[];
  goal: string;
  impossible: string[];
  title: string;
  schedule: string[];
  solved: boolean;
}

interface RaceTraits {
  runs: RaceRun[];
}

/** A measured run; times are in seconds from its begin. */
interface RaceRun {
  name: string;
  pages: number;
  lanes: {
    process: number;
    coroutine: number;
    light: string;
    dark: string;
    bars: [begin: number, computing: number, end: number][];
  }[];
}

interface HeatTraits {
  processes: number[];
  coroutines: number[];
  planned: number;
  cells: HeatCell[];
  over: boolean;
}

interface HeatCell {
  processes: number;
  coroutines: number;
  throughput: number; // pages a second
}

interface PathsTraits {
  program: Program;
  looks: Style[];
  schedule: string[];
}

interface Style {
  colour: string;
  text: string;
  dark: string;
  symbol: string;
}

/** `states` has the state after each beginning of each order, "0110"; points are numbers of turns taken. */
interface Program {
  names: string[];
  sizes: number[];
  states: Record<string, ProgramState>;
  forbidden: [number, number][];
  unreached: [number, number][];
  sources: [first: number, text: string][];
}

interface ProgramState {
  output: string;
  shared: string;
  ready: number[];
  tasks: { state: string; line: Maybe<number>; waits: string }[];
  orders: number;
  broken: number;
  finding?: Maybe<{ kind: string; text: string }>; // only where nobody can go on; null: all is well
}

interface LearningTraits {
  answered: number;
  note: string;
}

interface ExerciseTraits extends LearningTraits {
  name: string;
  status: "not attempted" | "not yet" | "correct";
  reason: string;
  hints: string[];
  hint_count: number;
  solution: string;
  next: Signpost | { words?: never };
}

interface ParsonsTraits extends ExerciseTraits {
  lines: string[];
  order: number[];
}

interface PredictionTraits extends LearningTraits {
  title: string;
  question: string;
  choices: string[];
  chosen: number;
  state: "unanswered" | "right" | "wrong" | "skipped";
  says: string;
  sure: Sureness | "";
  because: string;
  can_show: boolean;
  shown: boolean;
  belief: Belief | { belief?: never };
  more: boolean;
}

interface Belief extends Place {
  belief: string;
  truth: string;
  program: string;
  believed: string;
  happens: string;
}

interface Place {
  notebook: string;
  heading: string;
}

/** A place, down to its cell, and what there is. */
interface Signpost extends Place {
  words: string;
  cell: string;
}

interface GlossaryTraits {
  terms: GlossaryTerm[];
}

interface GlossaryTerm extends Place {
  name: string;
  says: string;
  cell: string;
}

interface ChapterRow {
  title: string;
  notebook: string;
  exercises: string;
  predictions: string;
  answers: string;
  state: string;
}

interface ProgressTraits {
  note: string;
  chapters: ChapterRow[];
  last: Signpost | { words?: never };
  doubts: Signpost[];
}

type ExerciseMessage = { ask: "hint" } | { ask: "solution" };
type ParsonsMessage = ExerciseMessage | { ask: "check"; order: number[] };
type Sureness = "guessing" | "fairly sure" | "sure";
type PredictionMessage =
  | { ask: "answer"; choice: number; sure: string }
  | { ask: "skip" }
  | { ask: "next" }
  | { ask: "show" };

// ---- inside the front end

type Theme = "light" | "dark" | "contrast";

/** How a lane is drawn in the theme of the page. */
interface Look {
  hue: string;
  word: string;
  symbol: string;
}

type TokenSort = "keyword" | "name" | "defined" | "number" | "string" | "text" | "comment" | "operator";

/** `text` is a part of a template, which has code in braces. */
interface Token {
  start: number;
  end: number;
  sort: TokenSort;
}

type Columns = [from: number, to: number];

/** An end of a crossing in a lane: `leaves` there or lands, `inside` the lane that the event belongs to. */
interface SourceEnd {
  line: Maybe<number>;
  leaves: boolean;
  inside: boolean;
  kind: Kind;
  callee: string;
}

/** What is marked in the code as the ends of a crossing, and the words for what crosses: its value, if it has one. */
interface Ends {
  leaves: Maybe<HTMLElement>;
  lands: Maybe<HTMLElement>;
  words: string;
}

interface Source {
  first: number;
  lines: string[];
}

interface Lane {
  name: string;
  kind: LaneKind;
  thread: string;
  task: Maybe<string>;
  source: Maybe<Source>;
}

type LaneWord = "created" | "running" | "suspended" | "closed";
type Doing = LaneWord | "waiting"; // for the lane that it has entered
type Ending = "return" | "raise" | "close" | "drop";

/** What a lane is doing after some event; `seen` is the place of its last event. */
interface LaneState {
  doing: Doing;
  state: LaneWord;
  line: Maybe<number>;
  locals: Map<string, string>;
  changed: string[];
  resumedBy: Maybe<number>;
  waitingFor: Maybe<number>;
  delegatingTo: Maybe<number>;
  ending: Maybe<Ending>;
  value: Maybe<string>;
  seen: number;
}

/** The states after some events, and the lane that the next delegating one delegates to. */
interface Checkpoint {
  states: LaneState[];
  inner: Maybe<number>;
}

/** A trace with what every picture of it needs; `stops`, `switches` and `turns` are places of events in order. */
interface Family {
  name: string;
  owner: Maybe<number>;
  opened: number;
  waits: Maybe<number>;
  ended: Maybe<number>;
  outcome: Maybe<string>;
  members: number[];
}

interface Trace {
  families: Family[];
  driver: Maybe<string>;
  cut: Maybe<string>;
  note: Maybe<string>;
  types: EventType[];
  texts: string[];
  lanes: Lane[];
  rows: EventRow[];
  count: number;
  steps: number;
  stops: Uint32Array;
  switches: Uint32Array;
  turns: Uint32Array;
  stepStarts: Uint32Array;
  ready: boolean[];
  room: number[];
  outside: Maybe<string>;
  output: [index: number, piece: string][][];
  every: number;
  checkpoints: Checkpoint[];
}

interface EventType {
  kind: Kind;
  sentence: string;
  doing: Doing;
  label: Maybe<string>;
  peerDoing: Maybe<Doing>;
  ending: Maybe<Ending>;
}

interface TraceEvent extends EventType {
  step: number;
  lane: number;
  line: Maybe<number>;
  value: Maybe<string>;
  peer: Maybe<number>;
  peerLine: Maybe<number>;
  changed: [name: string, value: Maybe<string>][];
}

interface CrossingEnd {
  lane: Maybe<number>;
  line: Maybe<number>;
}

/** What crosses in an event; no lane: the world outside the recording. */
interface Crossing {
  from: CrossingEnd;
  to: CrossingEnd;
  label: string;
  dashed: boolean;
  entering: boolean;
  kind: Kind;
}

/** The tables of marks.js. */
interface MarkOfBar {
  word: string;
  height: number; // compared with the bar of a lane that runs
  filled: boolean;
  hatched: boolean;
}

interface MarkOfEnd {
  word: string;
  shape: string;
  filled: boolean;
}

interface Link {
  from: number;
  to: number;
  kind: "resumed" | "delegates";
}

/** What there is to draw after event `index`; `active` is the lane that has the processor. */
interface Picture {
  index: number;
  event: Maybe<TraceEvent>;
  states: LaneState[];
  sentence: string;
  crossing: Maybe<Crossing>;
  active: Maybe<number>;
  links: Link[];
  next: number[]; // the lanes of the next switch
  step: number;
}

/** A stretch of one row of the timeline; no lane: the row that lanes share. */
interface Span {
  doing: Exclude<Doing, "created" | "closed">;
  from: number;
  to: number;
  lane: number | undefined;
}

interface SpanEnd {
  lane: number;
  at: number;
  ending: Ending;
}

interface DrawnCrossing extends Crossing {
  value: Maybe<string>;
  at: number;
  index: number;
}

interface Drawn {
  spans: Span[];
  ends: SpanEnd[];
  crossings: DrawnCrossing[];
}

interface Point {
  x: number;
  y: number;
}

/** Calls back only for a player whose widget can ask the kernel. */
type Ask = Maybe<(message: ForkMessage) => void>;

/** What the cards, the chips and the wires draw from. */
interface CardsView {
  trace: Trace;
  looks: Look[];
  picture?: Picture;
  cards: Map<number, Card>;
  seats: number[];
  limit: number; // how many cards when lanes are unfolded; 0: as many as fit
}

interface Card {
  element: HTMLElement;
  show(trace: Trace, picture: Picture, lane: number): [end: Maybe<"leaves" | "lands">, part: Maybe<HTMLElement>];
}

/** The cards with their wires and what crosses. */
interface Stage {
  wires: SVGElement;
  pill: HTMLElement;
  stage: HTMLElement;
}

interface Box {
  left: number;
  right: number;
  top: number;
}

interface Paint {
  ink: string;
  dim: string;
  paper: string;
}

/** What is drawn of a timeline: the events `from` to before `to`, from step `start` on, in the rows of some lanes. */
interface Part {
  trace: Trace;
  looks: Look[];
  start: number;
  steps: number;
  width: number;
  mark: Maybe<number>;
  shown: number[];
  from: number;
  to: number;
  until: number;
}

type Move =
  | ("first" | "previous switch" | "back" | "play" | "forward" | "next switch" | "last")
  | ("more" | "hide lines");

/** Where things stand on the canvas: a place on the axis of steps, a lane (null: outside), the rows and the edges. */
interface Grid {
  x(at: number): number;
  y(lane: Maybe<number> | undefined): number;
  row: number;
  above: number; // rows above that of the first lane
  edge: number;
  bottom: number;
}

interface Label {
  here: number;
  label: string;
  value: Maybe<string>;
  ink: string;
}

/** The colours of a lane (undefined: none) for lines and for words, and that of the page. */
interface Colours {
  hue(lane: number | undefined): string;
  word(lane: number | undefined): string;
  paper: string;
}

/** What a two-dimensional drawing is drawn with. */
type Pen = CanvasRenderingContext2D;
