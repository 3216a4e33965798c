// The measures of the timeline.

export const STEP_WIDTH = 18; // pixels of a step where there are more steps than fit
export const NAMES = 116; // pixels for the names at the left
export const [MOST_LANES, FEWER] = [20, 14]; // more would leave no room for their names; where not all fit, so many have a row
export const FONT = "12px system-ui, sans-serif";
