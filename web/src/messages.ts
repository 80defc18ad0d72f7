// What the draw page and its worker say to each other.

import type { BridgeCode, BridgeReading, LoadedModel } from "./bridge";
import type { PackedDrawing } from "./drawing";

/** Addresses of what reading takes. */
export interface Sources {
  module: string;
  kernel: string;
  weights: string;
}

export type Part = "module" | "weights" | "digits"; // the last only where MNIST's are read

/** What is wrong with a module, a model or a drawing; loading.ts has the words for each. */
export type Code = BridgeCode | "compile" | "memory" | "script";

/** Why there is no reading; each reason is a text "draw.fail.REASON". */
export type Failure =
  | { reason: "unsupported" | "slow" | "died" | "stale" }
  | { reason: "network"; part: Part }
  | { reason: "http"; part: Part; status: number }
  | { reason: "module" | "weights" | "reading"; code: Code; limit?: number | undefined };

/** There is no reading, for a reason that can be told. */
export class Failed extends Error {
  constructor(readonly failure: Failure) {
    super(failure.reason);
  }
}

/** Why an answer that is not "ok" is of no use. What is gone was replaced by a newer build or version. */
export function refused(part: Part, status: number): Failure {
  return status === 404 || status === 410 ? { reason: "stale" } : { reason: "http", part, status };
}

export type ToWorker =
  | { kind: "start"; module: WebAssembly.Module }
  | { kind: "kernel"; kernel: ArrayBuffer | null } // once, before or after the start; null: there is none
  | { kind: "weights"; weights: ArrayBuffer } // once, as the kernel
  | { kind: "load"; weights: ArrayBuffer } // instead of those it has
  | ({ kind: "read" } & PackedDrawing);

export type FromWorker =
  | { kind: "ready"; model: LoadedModel }
  | { kind: "reading"; reading: BridgeReading; milliseconds: number }
  | { kind: "loaded"; model: LoadedModel }
  | { kind: "unloaded" } // the weights before go on reading
  | { kind: "unread"; failure: Failure } // this drawing has no reading; the module lives
  | { kind: "failed"; failure: Failure } // there is no module
  | { kind: "dead" }; // there was one
