// How a timeline draws a run: the table of coro_lab/views/marks.py, which says what each entry means.

/** @type {Record<string, MarkOfBar>} */
export const BARS = {
  running: { word: "running", height: 1, filled: true, hatched: false },
  suspended: { word: "suspended", height: 0.5, filled: false, hatched: true },
  waiting: { word: "waiting for another lane", height: 0.5, filled: false, hatched: false },
};

/** @type {Record<string, MarkOfEnd>} */
export const ENDS = {
  return: { word: "returned", shape: "square", filled: true },
  raise: { word: "raised", shape: "cross", filled: true },
  close: { word: "closed", shape: "circle", filled: false },
  drop: { word: "closed", shape: "circle", filled: false },
};

export const DASHED = [
  ...["throw({value})", "close()", "dropped", "collected", "aclose()", "raise {value}", "closed"],
  ...["{value}", "cancel (group)", "lost: {value}", "abandoned"],
];

export const FONTS = ["DejaVu Sans", "Verdana", "sans-serif"];
