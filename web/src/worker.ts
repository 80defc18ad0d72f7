// The worker: starts the module, which the page fetched with its kernel and the
// weights, and has it read one drawing after the other.

import "wasm_exec"; // Go's own loader, from the Go that built the module
import type { BridgeError, Rakam } from "./bridge";
import { EndedEarly, startEngine } from "./engine";
import { Failed, type Code, type Failure, type FromWorker, type ToWorker } from "./messages";

const say = (message: FromWorker, transfer: Transferable[] = []) => postMessage(message, { transfer });

const isError = (answer: object): answer is BridgeError => "error" in answer;

// The page says it in its own words; the console has the module's.
function failure(reason: "weights" | "reading", { code, error, hint, limit }: BridgeError): Failure {
  console.warn(`${error}; ${hint}`);
  return { reason, code, limit };
}

function whyNot(error: unknown): Failure {
  if (error instanceof Failed) return error.failure;
  console.warn("rakam:", error);
  return { reason: "module", code: codeOf(error) };
}

function codeOf(error: unknown): Code {
  if (error instanceof EndedEarly) return "ended";
  if (error instanceof RangeError) return "memory"; // no room for the module's
  return error instanceof WebAssembly.LinkError ? "compile" : "script";
}

// What the page sends when it has it.
let takeKernel: (kernel: ArrayBuffer | null) => void;
let takeWeights: (weights: ArrayBuffer) => void;
const kernel = new Promise<ArrayBuffer | null>((resolve) => (takeKernel = resolve));
const weights = new Promise<ArrayBuffer>((resolve) => (takeWeights = resolve));

async function start(module: WebAssembly.Module): Promise<Rakam> {
  const { rakam, exited } = await startEngine(module, kernel);
  void exited.then(() => say({ kind: "dead" }));
  const model = rakam.load(new Uint8Array(await weights));
  if (isError(model)) throw new Failed(failure("weights", model));
  say({ kind: "ready", model });
  return rakam;
}

const padSide = 1; // a drawing's points are in units of it

function read(rakam: Rakam, points: Float32Array, strokeEnds: Uint32Array): void {
  const before = performance.now();
  const reading = rakam.read(points, strokeEnds, padSide);
  const milliseconds = performance.now() - before;
  if (isError(reading)) say({ kind: "unread", failure: failure("reading", reading) });
  else say({ kind: "reading", reading, milliseconds }, [reading.values.buffer]);
}

function load(rakam: Rakam, weights: ArrayBuffer): void {
  const model = rakam.load(new Uint8Array(weights));
  say(isError(model) ? { kind: "unloaded" } : { kind: "loaded", model });
}

let rakam: Rakam | null = null;

addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  switch (data.kind) {
    case "start":
      return void start(data.module).then(
        (started) => (rakam = started),
        (error: unknown) => say({ kind: "failed", failure: whyNot(error) }),
      );
    case "kernel":
      return takeKernel(data.kernel);
    case "weights":
      return takeWeights(data.weights);
  }
  if (!rakam) return;
  try {
    if (data.kind === "load") load(rakam, data.weights);
    else read(rakam, data.points, data.strokeEnds);
  } catch {
    say({ kind: "dead" }); // a live module answers with an error, it does not throw
  }
});
