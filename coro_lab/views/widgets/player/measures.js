// The measures of the player: its cards and the lines between them, and its timeline.

import { FONTS } from "../marks.js";

export const [WIDE, NARROW, GAP] = [250, 190, 16]; // pixels: a card, a card where not all of that width fit, between cards
export const BATCH = 60; // cards at once when all lanes are shown
export const CHIPS = 12; // folded lanes named one by one

export const STEP_WIDTH = 18; // pixels of a step where there are more steps than fit
export const NAMES = 116; // pixels for the names at the left
export const [MOST_LANES, FEWER] = [20, 14]; // rows with room for their names; as many rows where not all lanes fit
const FAMILY = FONTS.map((name) => (name.includes(" ") ? `"${name}"` : name)).join(", ");
export const [FONT, SMALL] = [`12px ${FAMILY}`, `11px ${FAMILY}`];
