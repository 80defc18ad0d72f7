// Draws strokes on the pad again, as a hand would, so that the network reads along.

import type { Drawing, Stroke } from "./drawing";

const speed = 1.5; // sides of the pad a second
const pause = 0.15; // seconds between two strokes
const longest = 6; // seconds, of a drawing however long

interface Step {
  at: number; // seconds
  draw: () => void;
}

export class Replay {
  private readonly steps: Step[] = [];
  private next = 0;
  private begun = 0; // on the clock of performance.now()

  /** changed: told each time when there is more of it. */
  constructor(drawing: Drawing, strokes: readonly Stroke[], private readonly changed: (time: number) => void) {
    let at = 0;
    for (const stroke of strokes) {
      stroke.forEach((point, i) => {
        const before = stroke[i - 1];
        if (before) at += Math.hypot(point.x - before.x, point.y - before.y) / speed;
        this.steps.push({ at, draw: () => (before ? drawing.extend(point) : drawing.begin(point)) });
      });
      this.steps.push({ at, draw: () => drawing.end() });
      at += pause;
    }
    const hurry = Math.min(1, longest / at);
    for (const step of this.steps) step.at *= hurry;
  }

  /** Begins when the page is seen. */
  start(): void {
    requestAnimationFrame((now) => {
      this.begun = now;
      this.frame(now);
    });
  }

  /** Draws the rest at once. */
  finish(): void {
    this.drawUntil(Infinity, NaN);
  }

  private frame(now: number): void {
    this.drawUntil((now - this.begun) / 1000, now);
    if (this.next < this.steps.length) requestAnimationFrame((next) => this.frame(next));
  }

  private drawUntil(seconds: number, time: number): void {
    const before = this.next;
    for (let step; (step = this.steps[this.next]) && step.at <= seconds; this.next++) step.draw();
    if (this.next > before) this.changed(time);
  }
}
