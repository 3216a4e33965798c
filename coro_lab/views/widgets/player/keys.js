// What the controls offer: how fast the player plays, and the keys that their help lists.

/** Steps a second. @type {[words: string, rate: number][]} */
export const SPEEDS = [
  ["slow", 1],
  ["normal", 2.5],
  ["fast", 8],
  ["very fast", 30],
];
/** @type {[keys: string, words: string][]} */
export const KEYS = [
  ["← →", "back, forward"],
  ["p n", "previous, next switch; also Ctrl+← →"],
  ["Home End", "first, last"],
  ["Space", "play, stop"],
  ["h", "hide or show lines"],
  ["?", "more, less"],
];
