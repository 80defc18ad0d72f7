// One learning curve that follows the pointer and the arrow keys.

import uPlot from "uplot";
import { number, t } from "./page";

export interface History {
  epochs: number[];
  train: number[];
  test: number[];
  digits: number; // decimals of a value in words
  names: Record<"train" | "test", string>; // of the two lines
  planned?: number; // epochs that there will be, where the run is not over
  floor?: number; // where the axis must begin
  ceiling?: number; // where it must end
}

const lines = ["train", "test"] as const;
type Line = (typeof lines)[number];

const cursors = "epochs"; // what all curves of the page have in common
const height = 256; // px, as in the drawing of the server
const steps = [-4, -3, -2, -1, 0, 1, 2].flatMap((power) => [1, 2, 5].map((n) => n * 10 ** power)); // of an axis
const lineWidth = { train: 1.5, test: 2 };

/** Replaces the drawing in a figure, for the screen, by a plot with a cursor and a legend. */
export class LearningCurve {
  private readonly stage = document.createElement("div");
  private readonly legend = document.createElement("p");
  private readonly shown: Record<Line, boolean> = { train: true, test: true };
  private plot: uPlot;

  constructor(
    private readonly figure: HTMLElement,
    private history: History,
  ) {
    this.stage.className = "stage";
    this.legend.className = "legend";
    figure.classList.add("live");
    figure.append(this.stage, this.legend);
    this.setUpSlider();
    this.setUpLegend();
    this.plot = this.draw();
    new ResizeObserver(() => this.plot.setSize({ width: this.width(), height })).observe(this.stage);
    for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)", "(prefers-contrast: more)"]) {
      matchMedia(query).addEventListener("change", () => this.redraw());
    }
    this.read(this.last);
  }

  /** Goes on with a history that has grown; a cursor that is at its end stays there. */
  update(history: History): void {
    const at = this.plot.cursor.idx ?? this.last;
    const atEnd = at >= this.last;
    this.history = history;
    this.stage.setAttribute("aria-valuemax", String(history.epochs[this.last] ?? 0));
    this.plot.setData([history.epochs, history.train, history.test]);
    if (!atEnd) return;
    if (this.plot.cursor.idx == null) this.read(this.last);
    else queueMicrotask(() => this.moveTo(this.last)); // after uPlot has looked for the epoch below the cursor
  }

  private get last(): number {
    return this.history.epochs.length - 1;
  }

  /** The stage is a slider over the epochs: arrow keys move it, screen readers read its value. */
  private setUpSlider(): void {
    const caption = this.figure.querySelector("figcaption")?.textContent ?? "";
    this.stage.tabIndex = 0;
    for (const [name, value] of Object.entries({
      role: "slider",
      "aria-label": caption,
      "aria-valuenow": "0",
      "aria-valuemin": String(this.history.epochs[0] ?? 0),
      "aria-valuemax": String(this.history.epochs[this.last] ?? 0),
    })) {
      this.stage.setAttribute(name, value);
    }
    this.stage.addEventListener("keydown", (event) => {
      const at = this.plot.cursor.idx ?? this.last;
      const to = { ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1, Home: 0, End: this.last }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      this.moveTo(Math.min(Math.max(to, 0), this.last));
    });
  }

  private setUpLegend(): void {
    for (const line of lines) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = line;
      button.setAttribute("aria-pressed", "true");
      button.addEventListener("click", () => {
        this.shown[line] = !this.shown[line];
        button.setAttribute("aria-pressed", String(this.shown[line]));
        this.plot.setSeries(lines.indexOf(line) + 1, { show: this.shown[line] });
      });
      this.legend.append(button);
    }
    const at = document.createElement("span");
    at.className = "at";
    this.legend.append(at);
  }

  /** Puts the cursor of every curve of the page at an epoch, as the pointer would. */
  private moveTo(index: number): void {
    for (const plot of uPlot.sync(cursors).plots) {
      plot.setCursor({ left: plot.valToPos(this.history.epochs[index] ?? 1, "x"), top: 0 });
    }
  }

  /** Shows the values of an epoch in the legend and on the slider. */
  private read(index: number): void {
    const epoch = this.history.epochs[index];
    const value = (line: Line) => number(this.history[line][index] ?? NaN, this.history.digits);
    for (const line of lines) {
      const button = this.legend.querySelector(`.${line}`);
      if (button) button.textContent = `${this.history.names[line]} ${epoch === undefined ? "" : value(line)}`;
    }
    if (epoch === undefined) return;
    const at = this.legend.querySelector(".at");
    if (at) at.textContent = `${t("common.curves.epoch")} ${number(epoch)}`;
    const { names } = this.history;
    const named = { first: `${names.train} ${value("train")}`, second: `${names.test} ${value("test")}` };
    this.stage.setAttribute("aria-valuenow", String(epoch));
    this.stage.setAttribute("aria-valuetext", t("common.curves.at", { epoch, ...named }));
  }

  private width(): number {
    return Math.max(this.stage.clientWidth, 120);
  }

  private redraw(): void {
    this.plot.destroy();
    this.plot = this.draw();
  }

  private draw(): uPlot {
    const { epochs, train, test } = this.history;
    return new uPlot(this.options(), [epochs, train, test], this.stage);
  }

  private options(): uPlot.Options {
    return {
      width: this.width(),
      height,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, sync: { key: cursors } },
      padding: [12, 8, 0, 0],
      scales: { x: { time: false, range: (_, low, high) => this.span(low, high) }, y: { range: (_, low, high) => this.range(low, high) } },
      series: [{}, ...lines.map((line) => this.series(line))],
      axes: [this.axis({ splits: (u) => this.epochSplits(u), grid: { show: false }, size: 32 }), this.axis({ size: 52 })],
      hooks: { setCursor: [(u) => this.read(u.cursor.idx ?? this.last)] },
    };
  }

  /** A run that is under way leaves room for what is still to come. */
  private span(low: number | null, high: number | null): [number, number] {
    return this.history.planned ? [1, Math.max(this.history.planned, 2)] : [low ?? 1, high ?? 2];
  }

  private range(low: number | null, high: number | null): [number, number] {
    const { floor, ceiling } = this.history;
    if (low === null || high === null) return [floor ?? 0, ceiling ?? 1];
    const room = (high - low || 1) * 0.05;
    return [floor ?? low - room, ceiling ?? high + room];
  }

  private series(line: Line): uPlot.Series {
    return {
      show: this.shown[line],
      stroke: this.style(`.line.${line}`).stroke,
      width: lineWidth[line],
      dash: line === "train" ? [5, 4] : [],
      points: { show: () => this.history.epochs.length === 1, size: 6 }, // one value makes no line
    };
  }

  private axis(own: uPlot.Axis): uPlot.Axis {
    const grid = this.style(".grid").stroke;
    return {
      stroke: this.style(".tick").fill,
      font: `13px ${getComputedStyle(document.body).fontFamily}`,
      values: (_, splits) => this.labels(splits),
      incrs: steps,
      ticks: { show: false },
      ...own,
      grid: { stroke: grid, width: 1, ...own.grid },
    };
  }

  /** Whole epochs: the first, and round numbers after it. */
  private epochSplits(u: uPlot): number[] {
    const count = this.history.planned ?? this.history.epochs.length;
    const step = Math.max(1, Math.round(count / Math.max(2, Math.floor(u.width / 80)) / 5) * 5);
    return Array.from({ length: count }, (_, i) => i + 1).filter((epoch) => epoch === 1 || epoch % step === 0);
  }

  private labels(splits: number[]): string[] {
    const step = Math.abs((splits[1] ?? 1) - (splits[0] ?? 0)) || 1; // a single label is a whole epoch
    const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
    return splits.map((value) => number(value, digits));
  }

  /** The colours are those of the drawing: its style sheet knows the theme. */
  private style(selector: string): CSSStyleDeclaration {
    return getComputedStyle(this.figure.querySelector(`svg ${selector}`) ?? this.figure);
  }
}
