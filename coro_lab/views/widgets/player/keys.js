// What the controls offer: how fast the player plays, and the keys that their help tells.

export const SPEEDS = [["slow", 1], ["normal", 2.5], ["fast", 8], ["very fast", 30]]; // steps a second
export const KEYS = [
  ["← →", "back, forward"], ["p n", "previous, next switch (also Ctrl+← →)"], ["Home End", "first, last"], ["Space", "play, stop"],
  ["h", "hide or show lines"], ["?", "this help"],
];
