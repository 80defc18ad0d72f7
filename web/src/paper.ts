// The pad's canvas: ink in device pixels, drawn from the strokes. It is only
// looked at; what the network reads is made from the strokes themselves.

import type { Stroke } from "./drawing";

const penWidth = 0.048; // of the pad's side

export class Paper {
  private readonly context: CanvasRenderingContext2D;
  private strokes: readonly Stroke[] = [];

  constructor(private readonly canvas: HTMLCanvasElement) {
    const context = canvas.getContext("2d");
    if (!context) throw new Error("this browser has no 2d canvas");
    this.context = context;
    this.followSize();
    this.followColours();
  }

  draw(strokes: readonly Stroke[]): void {
    this.strokes = strokes;
    const { context, canvas } = this;
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = penWidth * canvas.width;
    context.strokeStyle = getComputedStyle(canvas).color;
    for (const stroke of strokes) this.trace(stroke);
  }

  // Through the midpoints, with the points as handles: a curve without corners
  // that never strays from where the pen was.
  private trace(stroke: Stroke): void {
    const { context } = this;
    const side = this.canvas.width;
    const [first, ...rest] = stroke;
    if (!first) return;
    context.beginPath();
    context.moveTo(first.x * side, first.y * side);
    let previous = first;
    for (const point of rest) {
      context.quadraticCurveTo(
        previous.x * side,
        previous.y * side,
        ((previous.x + point.x) / 2) * side,
        ((previous.y + point.y) / 2) * side,
      );
      previous = point;
    }
    context.lineTo(previous.x * side, previous.y * side); // a single point becomes a dot
    context.stroke();
  }

  private followSize(): void {
    const resize = (side: number) => {
      this.canvas.width = this.canvas.height = Math.max(1, Math.round(side));
      this.draw(this.strokes);
    };
    const observer = new ResizeObserver(([entry]) => {
      const exact = entry?.devicePixelContentBoxSize?.[0]?.inlineSize; // Safari has none
      resize(exact ?? this.canvas.clientWidth * devicePixelRatio);
    });
    try {
      observer.observe(this.canvas, { box: "device-pixel-content-box" });
    } catch {
      observer.observe(this.canvas);
    }
  }

  private followColours(): void {
    for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
      matchMedia(query).addEventListener("change", () => this.draw(this.strokes));
    }
  }
}
