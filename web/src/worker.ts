// The worker: fetches the module, the kernel and the weights, starts the module
// and has it read one drawing after the other.

import "wasm_exec"; // Go's own loader, from the Go that built the module
import type { BridgeError, Rakam } from "./bridge";
import { EndedEarly, startEngine } from "./engine";
import { refused, type Code, type Failure, type FromWorker, type Part, type Sources, type ToWorker } from "./messages";

declare const MODULE_BYTES: number; // size of the module, set by the build

/** Shares of the wait, for the progress that is shown. */
const share = { module: 0.75, weights: 0.25 };

class Failed extends Error {
  constructor(readonly failure: Failure) {
    super(failure.reason);
  }
}

const say = (message: FromWorker, transfer: Transferable[] = []) => postMessage(message, { transfer });

const isError = (answer: object): answer is BridgeError => "error" in answer;

// The page says it in its own words; the console has the module's.
function failure(reason: "weights" | "reading", { code, error, hint, limit }: BridgeError): Failure {
  console.warn(`${error}; ${hint}`);
  return { reason, code, limit };
}

async function get(part: Part, url: string): Promise<Response> {
  const response = await fetch(url).catch(() => {
    throw new Failed({ reason: "network", part });
  });
  if (!response.ok) throw new Failed(refused(part, response.status));
  return response;
}

const arrived = { module: 0, weights: 0 };

function progress(part: Part, fraction: number): void {
  arrived[part] = Math.min(1, fraction);
  say({ kind: "progress", fraction: share.module * arrived.module + share.weights * arrived.weights });
}

// What was cut off on its way, if anything: whoever reads it then fails for reasons
// of its own.
let cut: Part | null = null;

// counted is the same response, with its bytes counted as they arrive. total is an
// estimate of their number.
function counted(part: Part, response: Response, total: number): Response {
  const reader = response.body?.getReader();
  let bytes = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done) return controller.close();
        bytes += value.length;
        progress(part, bytes / total);
        controller.enqueue(value);
      } catch (error) {
        cut = part;
        controller.error(error);
      }
    },
  });
  return new Response(body, { headers: { "Content-Type": response.headers.get("Content-Type") ?? "" } });
}

const usualWeights = 1e6; // bytes, for the progress alone

async function weights(url: string): Promise<Uint8Array> {
  const response = counted("weights", await get("weights", url), usualWeights);
  const bytes = await response.arrayBuffer().catch(() => {
    throw new Failed({ reason: "network", part: "weights" });
  });
  progress("weights", 1);
  return new Uint8Array(bytes);
}

// Without its kernel the module is slower, not broken, so nobody waits for it.
async function kernel(url: string): Promise<ArrayBuffer | null> {
  const response = await fetch(url).catch(() => null);
  return response?.ok ? response.arrayBuffer().catch(() => null) : null;
}

function whyNot(error: unknown): Failure {
  if (error instanceof Failed) return error.failure;
  if (cut) return { reason: "network", part: cut };
  console.warn("rakam:", error);
  return { reason: "module", code: codeOf(error) };
}

function codeOf(error: unknown): Code {
  if (error instanceof EndedEarly) return "ended";
  if (error instanceof RangeError) return "memory"; // no room for the module's
  return error instanceof WebAssembly.CompileError || error instanceof WebAssembly.LinkError ? "compile" : "script";
}

async function engine(sources: Sources): Promise<Rakam> {
  const helper = kernel(sources.kernel);
  const module = await get("module", sources.module);
  const { rakam, exited } = await startEngine(counted("module", module, MODULE_BYTES), helper);
  const dead = () => say({ kind: "dead" });
  exited.then(dead, dead);
  return rakam;
}

async function start(sources: Sources): Promise<Rakam> {
  const [rakam, bytes] = await Promise.all([engine(sources), weights(sources.weights)]);
  const model = rakam.load(bytes);
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
  if (data.kind === "start") {
    start(data.sources).then(
      (started) => (rakam = started),
      (error: unknown) => say({ kind: "failed", failure: whyNot(error) }),
    );
  } else if (rakam) {
    try {
      if (data.kind === "load") load(rakam, data.weights);
      else read(rakam, data.points, data.strokeEnds);
    } catch {
      say({ kind: "dead" }); // a live module answers with an error, it does not throw
    }
  }
});
