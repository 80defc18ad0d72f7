// Keeps the drawing of this tab while another page is looked at, the language is
// changed or the page is reloaded. It stays in the browser and ends with the tab.

import type { Point, Stroke } from "./drawing";

const key = "rakam.drawing";

export function keep(strokes: readonly Stroke[]): void {
  try {
    if (strokes.length === 0) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(strokes.map((stroke) => stroke.map(({ x, y }) => [x, y]))));
  } catch {
    // storage is forbidden or full: then the drawing ends with the page
  }
}

/** What was kept, without what is none of ours. */
export function kept(): Stroke[] {
  try {
    const strokes: unknown = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    return Array.isArray(strokes) ? strokes.map(stroke).filter((points) => points.length > 0) : [];
  } catch {
    return [];
  }
}

function stroke(points: unknown): Point[] {
  if (!Array.isArray(points)) return [];
  return points.flatMap((point: unknown) => {
    const [x, y]: unknown[] = Array.isArray(point) ? point : [];
    return within(x) && within(y) ? [{ x, y }] : [];
  });
}

const within = (value: unknown): value is number => typeof value === "number" && value >= 0 && value <= 1;
