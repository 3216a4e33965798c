// The colour of a coroutine.

/**
 * The colour of lines and bars of a coroutine in a theme.
 * @param {Style} look
 * @param {Theme} theme
 */
export const colourOf = (look, theme) => ({ light: look.colour, dark: look.dark, contrast: "CanvasText" })[theme];
