// The bridge: the one global that the Go module sets in the worker (wasm/main_js.go).

/** What kind of thing is wrong (wasm/fault_js.go); "ended" is engine.ts's own. */
export type BridgeCode =
  | "argument"
  | "model"
  | "file"
  | "size"
  | "points"
  | "panic"
  | "ended";

/** What the module answers instead of a result when it cannot give one. */
export interface BridgeError {
  code: BridgeCode;
  /** In English, for who looks into it: a page has words of its own for each code. */
  error: string;
  hint: string;
  /** That was passed, with "size" (in bytes) and "points". */
  limit?: number;
}

export interface LoadedModel {
  name: string;
  /** The widths of input and layers, as in "784-512-128-10", of an ensemble "2x(784-512-128-10)". */
  spec: string;
  /** That read together: 1 but for an ensemble. */
  networks: number;
  /** The widths without the input: those of all networks added up, but for the last layer, which they share. */
  layers: number[];
}

/**
 * "digit": clearly one. "unsure": between the candidates. The others are no digit: "blank": no ink.
 * "little": too little of it. "several": the candidates, side by side. "none": it looks like none.
 */
export type Verdict = "digit" | "unsure" | "blank" | "little" | "several" | "none";

export interface BridgeReading {
  /** -1 where there is none; the best guess when unsure. */
  digit: number;
  verdict: Verdict;
  candidates: number[];
  /** That stand side by side. */
  shapes: number;
  /** 10 probabilities, then 784 pixels, then the activations of each layer in order, network after network. */
  values: Float32Array;
  layers: number[];
}

export interface Rakam {
  load(bytes: Uint8Array): LoadedModel | BridgeError;
  classify(image: Float32Array): Float32Array | BridgeError;
  /**
   * points: x0, y0, x1, y1, …; strokeEnds: for each stroke the index of the point after its last;
   * side: of the surface drawn on, in the points' unit.
   */
  read(points: Float32Array, strokeEnds: Uint32Array, side?: number): BridgeReading | BridgeError;
}
