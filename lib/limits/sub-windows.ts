/** How a store keeps one window: up to 32 places as their instants, more as counts in sub-windows. All times are microseconds. */

const maxInstants = 32;
const subWindows = 15;

/** The length of a sub-window; 1 if each place keeps its own instant. Places count from the end of their sub-window, so that none is forgotten too early. */
export function widthOf({ count, window }: { readonly count: number; readonly window: number }): number {
  return count <= maxInstants ? 1 : Math.ceil(window * 1_000 / subWindows);
}
