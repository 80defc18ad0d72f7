// The figure under the bars: the image that the network sees, and each layer's
// units as squares that light up with their activations, those of the networks of an
// ensemble one after the other; of a convolution each channel with the largest it has
// anywhere.

import type { BridgeReading, LoadedModel } from "./bridge";
import { find, number, t } from "./page";

const imageSide = 28;
const imageAt = 10; // in the values of a reading, after the ten probabilities
const rows = 16; // of squares in a layer
const steps = 24; // shades of a square

interface Block {
  canvas: HTMLCanvasElement;
  offset: number; // in the values of a reading
  units: number;
  columns: number;
  rows: number;
}

export class Network {
  private readonly root = find(".layers", HTMLElement);
  private blocks: Block[] = [];
  private values: ArrayLike<number> = [];

  constructor() {
    new ResizeObserver(() => this.size()).observe(this.root);
    for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
      matchMedia(query).addEventListener("change", () => this.draw());
    }
  }

  /** Lays out the squares of a network. */
  lay({ layers, spec, networks }: LoadedModel): void {
    const image = imageSide * imageSide;
    let offset = imageAt + image;
    this.blocks = [block("image", image, imageAt, imageSide)];
    const parts = spec.split("-").filter((part) => part !== "pool").slice(1); // one a layer: "512", or "5x32" of a convolution
    layers.forEach((units, i) => {
      this.blocks.push(block(parts[i]?.includes("x") ? "channels" : "units", units, offset, Math.min(rows, units)));
      offset += units;
    });
    const shared = (i: number) => i === 0 || i === layers.length; // the image and the answer
    this.root.replaceChildren(...this.blocks.map((block, i) => figure(block, shared(i) ? 1 : networks)));
    this.size();
  }

  show(reading: BridgeReading): void {
    this.values = reading.values;
    this.draw();
  }

  clear(): void {
    this.values = [];
    this.draw();
  }

  // One size of square for the whole network, the largest that fits, in whole
  // device pixels so that every square is crisp.
  private size(): void {
    const columns = this.blocks.reduce((sum, { columns }) => sum + columns, 0);
    if (columns === 0) return;
    const gaps = parseFloat(getComputedStyle(this.root).columnGap) * (this.blocks.length - 1);
    const room = this.root.clientWidth - gaps;
    const square = Math.max(2, Math.floor((room / columns) * devicePixelRatio));
    for (const { canvas, columns, rows } of this.blocks) {
      canvas.width = columns * square;
      canvas.height = rows * square;
      canvas.style.width = `${canvas.width / devicePixelRatio}px`;
      canvas.style.height = `${canvas.height / devicePixelRatio}px`;
    }
    this.draw();
  }

  private draw(): void {
    for (const block of this.blocks) drawBlock(block, this.values);
  }
}

function block(kind: string, units: number, offset: number, rows: number): Block {
  const canvas = document.createElement("canvas");
  canvas.className = kind;
  return { canvas, offset, units, rows, columns: Math.ceil(units / rows) };
}

function figure({ canvas, units }: Block, networks: number): HTMLElement {
  const part = document.createElement("div");
  const count = document.createElement("span");
  count.textContent = number(units);
  const meant = t(meaning(canvas.className), { units: number(units) });
  count.title = networks > 1 ? t("draw.layer.networks", { meaning: meant, each: number(units / networks), networks: number(networks) }) : meant;
  part.append(canvas, count);
  return part;
}

function meaning(kind: string): string {
  return kind === "image" ? "draw.layer.image" : kind === "channels" ? "draw.layer.channels" : "draw.layer.units";
}

function drawBlock({ canvas, offset, units, columns }: Block, values: ArrayLike<number>): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const square = canvas.width / columns;
  const gap = square >= 4 ? 1 : 0;
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = getComputedStyle(canvas).color;
  const value = (unit: number) => values[offset + unit] ?? 0;
  let most = 1; // of a sigmoid; where others go beyond, their largest is as dark
  for (let unit = 0; unit < units; unit++) most = Math.max(most, value(unit));
  for (let unit = 0; unit < units; unit++) {
    const shade = Math.round((value(unit) / most) * steps) / steps;
    context.globalAlpha = Math.min(1, unlit + (1 - unlit) * shade);
    context.fillRect((unit % columns) * square, Math.floor(unit / columns) * square, square - gap, square - gap);
  }
}

const unlit = 0.05; // of a square without activation, so that the network is seen at rest
