// The page's side of the worker: starts it, asks it for one reading at a time,
// always of the newest drawing, and starts it again when it dies.

import type { BridgeReading, LoadedModel } from "./bridge";
import type { Drawing } from "./drawing";
import { whyNoScript } from "./files";
import { Launch } from "./launch";
import type { Failure, FromWorker, Sources, ToWorker } from "./messages";

const patience = 30_000; // ms without anything new while loading
const readingPatience = 5_000; // ms for a reading, thousands of times what it takes

export interface ReaderEvents {
  loading(fraction: number, restarting: boolean): void;
  ready(model: LoadedModel): void;
  /** time: when somebody changed the drawing, or NaN; milliseconds: how long the module took. */
  read(reading: BridgeReading, time: number, milliseconds: number): void;
  /** The drawing has no reading; the next one may. */
  unread(failure: Failure): void;
  /** The weights of a version read from now on; null: they could not be taken, and the ones before read on. */
  swapped(model: LoadedModel | null, version: string): void;
  /** There will be no reading before start is called again. */
  failed(failure: Failure): void;
}

/** Weights to read with, and where they are found again. */
interface Swap {
  version: string;
  address: string;
}

export class Reader {
  private worker: Launch | null = null;
  private ready = false;
  private restarting = false; // after a death, until the next reading
  private wanted: number | null = null; // when the drawing last changed, if it is unread
  private asked: number | null = null; // the same for the reading under way
  private coming: { swap: Swap; weights: ArrayBuffer } | null = null; // to be read with, once the pen is up
  private loading: Swap | null = null; // that the worker is taking
  private fatal = ""; // address of weights that the worker died over once
  private refused = ""; // of those that could not be taken
  private alarm = 0;

  constructor(
    private readonly script: string,
    private readonly sources: Sources,
    private readonly drawing: Drawing,
    private readonly events: ReaderEvents,
  ) {}

  /** ahead: a worker that was launched already. */
  start(ahead: Launch | null = null): void {
    this.restarting = false;
    this.launch(ahead);
  }

  /**
   * Whether the weights at the address read, are about to, or can't. Those that a
   * worker died over once are forgotten.
   */
  knows(address: string): boolean {
    return [this.sources.weights, this.loading?.address, this.coming?.swap.address, this.refused].includes(address);
  }

  /** Whether the drawing has changed since what was read last. */
  get behind(): boolean {
    return this.wanted !== null;
  }

  /** Has the drawing read as it is now; the readings before may be skipped. */
  want(time: number): void {
    this.wanted = time;
    this.next();
  }

  /** Reads with other weights as soon as no stroke is under way. */
  swap(version: string, weights: ArrayBuffer, address: string): void {
    this.coming = { swap: { version, address }, weights };
    this.next();
  }

  private launch(ahead: Launch | null = null): void {
    this.stop();
    if (!Launch.possible) {
      return queueMicrotask(() => this.events.failed({ reason: "unsupported" })); // whoever calls start may not be ready
    }
    const worker = ahead ?? new Launch(this.script, this.sources);
    this.worker = worker;
    this.came(0);
    worker.listen({
      came: (fraction) => this.came(fraction),
      heard: (message) => this.hear(message),
      broken: (event) => void this.broken(event),
      failed: (failure) => this.fail(failure),
    });
  }

  private came(fraction: number): void {
    this.expect(patience, () => this.fail({ reason: "slow" }));
    this.events.loading(fraction, this.restarting);
  }

  // An error event without a message: the script itself did not arrive, and does not say why.
  private async broken(event: ErrorEvent): Promise<void> {
    if (this.ready) return this.died();
    if (event.message) return this.fail({ reason: "module", code: "script" });
    const { worker } = this;
    const failure = await whyNoScript(this.script);
    if (worker === this.worker) this.fail(failure); // else it was started again in the meantime
  }

  private hear(message: FromWorker): void {
    switch (message.kind) {
      case "ready":
        this.ready = true;
        this.relax();
        this.events.ready(message.model);
        return this.want(this.wanted ?? NaN); // what was drawn in the meantime
      case "reading": {
        this.restarting = false;
        const asked = this.answered();
        this.events.read(message.reading, asked, message.milliseconds);
        return this.next();
      }
      case "loaded":
        this.swapped(message.model);
        return this.want(this.wanted ?? NaN);
      case "unloaded":
        this.swapped(null);
        return this.next();
      case "unread":
        this.answered();
        this.events.unread(message.failure);
        return this.next();
      case "failed":
        return this.fail(message.failure);
      case "dead":
        return this.died();
    }
  }

  private next(): void {
    if (this.drawing.blank) this.wanted = null; // no ink, nothing to read
    if (!this.ready || this.asked !== null || this.loading) return;
    if (this.coming && !this.drawing.penDown) return this.load(this.coming);
    if (this.wanted === null) return;
    this.asked = this.wanted;
    this.wanted = null;
    const drawing = this.drawing.pack();
    this.say({ kind: "read", ...drawing }, [drawing.points.buffer, drawing.strokeEnds.buffer]);
    this.expect(readingPatience, () => this.died());
  }

  private load({ swap, weights }: { swap: Swap; weights: ArrayBuffer }): void {
    this.coming = null;
    this.loading = swap;
    this.say({ kind: "load", weights }, [weights]);
    this.expect(readingPatience, () => this.died());
  }

  private swapped(model: LoadedModel | null): void {
    const swap = this.loading;
    this.loading = null;
    this.relax();
    if (!swap) return;
    if (model) this.sources.weights = swap.address;
    else this.refused = swap.address;
    this.events.swapped(model, swap.version);
  }

  private answered(): number {
    const asked = this.asked ?? NaN;
    this.asked = null;
    this.relax();
    return asked;
  }

  // What is drawn is read again; if it kills the module twice, it is over. Weights that
  // do so twice are refused, and those before read on.
  private died(): void {
    const { loading } = this;
    if (loading && loading.address === this.fatal) {
      this.refused = loading.address;
      this.events.swapped(null, loading.version);
    } else if (loading) {
      this.fatal = loading.address;
    } else if (this.restarting) {
      return this.fail({ reason: "died" });
    }
    this.restarting = true;
    this.launch();
  }

  private fail(failure: Failure): void {
    this.stop();
    this.events.failed(failure);
  }

  private stop(): void {
    this.relax();
    this.worker?.end();
    this.worker = null;
    this.ready = false;
    this.asked = null;
    this.loading = null;
  }

  private say(message: ToWorker, transfer: Transferable[] = []): void {
    this.worker?.say(message, transfer);
  }

  private expect(milliseconds: number, otherwise: () => void): void {
    this.relax();
    this.alarm = window.setTimeout(otherwise, milliseconds);
  }

  private relax(): void {
    window.clearTimeout(this.alarm);
  }
}
