// A worker that starts, and the files that it is sent when they are there. The draw page
// launches it before it is parsed, and listens once it is.

import { fetchFiles } from "./files";
import { Failed, type Failure, type FromWorker, type Sources, type ToWorker } from "./messages";

export interface LaunchEvents {
  /** fraction: of the files that has come. */
  came(fraction: number): void;
  heard(message: FromWorker): void;
  /** The worker threw, or its script did not arrive. */
  broken(event: ErrorEvent): void;
  /** A file did not arrive, or is of no use. */
  failed(failure: Failure): void;
}

export class Launch {
  private readonly worker: Worker;
  private readonly fetching = new AbortController();
  private readonly early: ((events: LaunchEvents) => void)[] = [];
  private events: LaunchEvents | null = null;
  private ended = false;

  static get possible(): boolean {
    return typeof WebAssembly === "object" && typeof Worker === "function";
  }

  constructor(script: string, sources: Sources) {
    this.worker = new Worker(script);
    this.worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => this.tell((events) => events.heard(data)));
    this.worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.tell((events) => events.broken(event));
    });
    const { module, kernel, weights } = fetchFiles(sources, this.fetching.signal, (fraction) => this.tell((events) => events.came(fraction)));
    const fail = (error: unknown) => {
      if (this.fetching.signal.aborted) return; // by another failure, or the end
      this.fetching.abort();
      if (!(error instanceof Failed)) console.warn("rakam:", error);
      this.tell((events) => events.failed(error instanceof Failed ? error.failure : { reason: "module", code: "script" }));
    };
    module.then((module) => this.say({ kind: "start", module })).catch(fail);
    kernel.then((kernel) => this.say({ kind: "kernel", kernel }, kernel ? [kernel] : [])).catch(fail);
    weights.then((weights) => this.say({ kind: "weights", weights }, [weights])).catch(fail);
  }

  /** Tells events what happens, and first, when the caller is done, what has happened. */
  listen(events: LaunchEvents): void {
    queueMicrotask(() => {
      this.events = events;
      for (const tell of this.early.splice(0)) this.tell(tell);
    });
  }

  say(message: ToWorker, transfer: Transferable[] = []): void {
    this.worker.postMessage(message, transfer);
  }

  /** Ends the worker. There will be no more events. */
  end(): void {
    this.ended = true;
    this.fetching.abort();
    this.worker.terminate();
  }

  private tell(tell: (events: LaunchEvents) => void): void {
    if (this.ended) return;
    if (this.events) tell(this.events);
    else this.early.push(tell);
  }
}
