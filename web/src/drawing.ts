// A drawing as the page keeps it: strokes in units of the pad's side, so that it
// survives every change of the pad's size, and the history that undo walks back.

export interface Point {
  x: number; // 0 is the pad's left edge, 1 its right one
  y: number; // down
}

export type Stroke = readonly Point[];

// Points are kept in ten thousandths of the side, much finer than a pen is placed:
// as they are read here they are sent, and read again on the server.
export const fine = 1e4;

const most = 3_000; // points that leave the page: they fit in what a server keeps of a correction

const onGrid = ({ x, y }: Point): Point => ({ x: Math.round(x * fine) / fine, y: Math.round(y * fine) / fine });

const remembered = 200; // changes that undo can take back

/** A drawing the way it crosses the bridge. */
export interface PackedDrawing {
  points: Float32Array; // x0, y0, x1, y1, …
  strokeEnds: Uint32Array; // for each stroke the index of the point after its last
}

export class Drawing {
  private finished: readonly Stroke[] = [];
  private current: Point[] | null = null;
  private readonly past: (readonly Stroke[])[] = [];

  get strokes(): readonly Stroke[] {
    return this.current ? [...this.finished, this.current] : this.finished;
  }

  get blank(): boolean {
    return this.strokes.length === 0;
  }

  get undoable(): boolean {
    return this.current !== null || this.past.length > 0;
  }

  get penDown(): boolean {
    return this.current !== null;
  }

  begin(at: Point): void {
    this.end();
    this.current = [onGrid(at)];
  }

  extend(to: Point): void {
    this.current?.push(onGrid(to));
  }

  end(): void {
    if (this.current) this.add(this.current);
    this.current = null;
  }

  /** Adds a whole stroke. */
  add(stroke: Stroke): void {
    this.change([...this.finished, stroke.map(onGrid)]);
  }

  /** Forgets the stroke under the pen, as if it had never touched the pad. */
  drop(): void {
    this.current = null;
  }

  /** Takes back the last stroke, or the last clear. */
  undo(): void {
    if (this.current) this.drop();
    else this.finished = this.past.pop() ?? [];
  }

  clear(): void {
    this.end();
    if (this.finished.length > 0) this.change([]);
  }

  pack(): PackedDrawing {
    const strokes = this.strokes;
    const strokeEnds = new Uint32Array(strokes.length);
    let end = 0;
    strokes.forEach((stroke, i) => (strokeEnds[i] = end += stroke.length));
    const points = new Float32Array(2 * end);
    let at = 0;
    for (const { x, y } of strokes.flat()) {
      points[at++] = x;
      points[at++] = y;
    }
    return { points, strokeEnds };
  }

  private change(strokes: readonly Stroke[]): void {
    this.past.push(this.finished);
    if (this.past.length > remembered) this.past.shift();
    this.finished = strokes;
  }
}

/** The same drawing with no more points than may leave the page; its strokes' ends stay. */
export function thinned(strokes: readonly Stroke[]): readonly Stroke[] {
  const points = strokes.reduce((sum, stroke) => sum + stroke.length, 0);
  const every = Math.ceil(points / most);
  return every < 2 ? strokes : strokes.map((stroke) => stroke.filter((_, i) => i % every === 0 || i === stroke.length - 1));
}
