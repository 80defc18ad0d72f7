// The pad: pointers and keys become a drawing.

import type { Drawing, Point, Stroke } from "./drawing";
import { find } from "./page";
import { Paper } from "./paper";

const palmRest = 1000; // ms after a pen in which touches are a resting hand
const step = 0.04; // of the pad's side, for an arrow key
const fineStep = 0.01; // with Shift

const arrows: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Told of each change: when it happened, on the clock of performance.now(). */
export type OnChange = (time: number) => void;

export class Pad {
  private readonly paper: Paper;
  private pointer: { id: number; type: string } | null = null;
  private lastPen = -Infinity;
  private pen: Point = { x: 0.5, y: 0.5 }; // of the keyboard
  private readonly held = new Set<string>();

  constructor(
    private readonly element: HTMLElement,
    private readonly drawing: Drawing,
    private readonly onChange: OnChange,
  ) {
    this.paper = new Paper(find("canvas", HTMLCanvasElement, element));
    this.listenToPointers();
    this.listenToKeys();
    this.refresh();
  }

  /** Draws strokes that were drawn before, one after the other. */
  restore(strokes: readonly Stroke[], time: number): void {
    for (const stroke of strokes) this.drawing.add(stroke);
    this.changed(time);
  }

  undo(time: number): void {
    this.drawing.undo();
    this.changed(time);
  }

  clear(time: number): void {
    this.pointer = null; // one that is down draws no more
    this.drawing.clear();
    this.changed(time);
  }

  /** Shows the drawing as it is now. */
  changed(time: number): void {
    this.refresh();
    this.onChange(time);
  }

  private refresh(): void {
    this.paper.draw(this.drawing.strokes);
    this.element.toggleAttribute("data-blank", this.drawing.blank);
    if (this.element.dataset.pen) this.showKeyboardPen(); // it may be up now
  }

  // pointers

  private listenToPointers(): void {
    const { element } = this;
    element.addEventListener("pointerdown", (event) => this.down(event));
    element.addEventListener("pointermove", (event) => this.move(event));
    element.addEventListener("pointerup", (event) => this.up(event));
    // the system took the pointer (a call, a rotation): the ink so far stays
    element.addEventListener("pointercancel", (event) => this.up(event));
    element.addEventListener("lostpointercapture", (event) => this.up(event));
    // touch-action stops scrolling; Safari also magnifies, selects and calls out
    element.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    for (const kind of ["contextmenu", "selectstart", "dragstart"]) {
      element.addEventListener(kind, (event) => event.preventDefault());
    }
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0 || this.refuses(event)) return;
    this.hideKeyboardPen();
    this.pointer = { id: event.pointerId, type: event.pointerType };
    this.capture(event.pointerId);
    this.drawing.begin(this.place(event));
    this.changed(event.timeStamp);
  }

  // A captured pointer goes on drawing outside the pad. One that is gone already, or
  // that a script made up, cannot be captured and draws all the same.
  private capture(pointer: number): void {
    try {
      this.element.setPointerCapture(pointer);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
    }
  }

  // One pointer draws; another one is a palm or an accident. But a pen that comes
  // after a touch shows that the touch was the palm.
  private refuses(event: PointerEvent): boolean {
    const isPen = event.pointerType === "pen";
    if (isPen) this.lastPen = event.timeStamp;
    if (isPen && this.pointer?.type === "touch") {
      this.drawing.drop();
      this.pointer = null;
    }
    const resting = event.pointerType === "touch" && event.timeStamp - this.lastPen < palmRest;
    return this.pointer !== null || resting;
  }

  private move(event: PointerEvent): void {
    if (event.pointerId !== this.pointer?.id) return;
    if (event.pointerType === "pen") this.lastPen = event.timeStamp;
    const between = event.getCoalescedEvents?.() ?? [];
    for (const one of between.length > 0 ? between : [event]) this.drawing.extend(this.place(one));
    this.changed(event.timeStamp);
  }

  private up(event: PointerEvent): void {
    if (event.pointerId !== this.pointer?.id) return;
    if (event.pointerType === "pen") this.lastPen = event.timeStamp;
    this.pointer = null;
    this.drawing.end();
    this.changed(event.timeStamp);
  }

  // Ink from outside the pad stays on its edge, where it is seen.
  private place(event: PointerEvent): Point {
    const box = this.element.getBoundingClientRect();
    const within = (value: number) => Math.min(1, Math.max(0, value));
    return {
      x: within((event.clientX - box.left - this.element.clientLeft) / this.element.clientWidth),
      y: within((event.clientY - box.top - this.element.clientTop) / this.element.clientHeight),
    };
  }

  // keys

  private listenToKeys(): void {
    this.element.addEventListener("keydown", (event) => this.key(event));
    this.element.addEventListener("keyup", (event) => this.held.delete(event.key));
    this.element.addEventListener("blur", () => {
      this.held.clear();
      if (this.pointer) return;
      if (this.drawing.penDown) this.lift(performance.now());
      this.hideKeyboardPen();
    });
  }

  private key(event: KeyboardEvent): void {
    if (this.pointer || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in arrows) {
      this.held.add(event.key);
      this.slide(event.shiftKey ? fineStep : step, event.timeStamp);
    } else if (event.key === " ") {
      if (!event.repeat) this.toggle(event.timeStamp);
    } else return;
    event.preventDefault();
    this.showKeyboardPen();
  }

  // Two arrows held together go diagonally.
  private slide(by: number, time: number): void {
    const within = (value: number) => Math.min(0.98, Math.max(0.02, value));
    let { x, y } = this.pen;
    for (const key of this.held) {
      const [dx, dy] = arrows[key] ?? [0, 0];
      x = within(x + by * dx);
      y = within(y + by * dy);
    }
    this.pen = { x, y };
    if (!this.drawing.penDown) return;
    this.drawing.extend(this.pen);
    this.changed(time);
  }

  private toggle(time: number): void {
    if (this.drawing.penDown) return this.lift(time);
    this.drawing.begin(this.pen);
    this.changed(time);
  }

  private lift(time: number): void {
    this.drawing.end();
    this.changed(time);
  }

  private showKeyboardPen(): void {
    this.element.dataset.pen = this.drawing.penDown ? "down" : "up";
    this.element.style.setProperty("--pen-x", String(this.pen.x));
    this.element.style.setProperty("--pen-y", String(this.pen.y));
  }

  private hideKeyboardPen(): void {
    delete this.element.dataset.pen;
  }
}
