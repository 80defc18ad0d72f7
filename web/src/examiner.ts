// The worker that reads MNIST's test digits, as the evaluation does, with the module
// and the weights that the draw page reads with.

import "wasm_exec"; // Go's own loader, from the Go that built the module
import type { Rakam } from "./bridge";
import { startEngine } from "./engine";
import { fetchFiles } from "./files";
import { parseIDX } from "./idx";
import { Failed, refused, type Failure, type Sources } from "./messages";

export interface Examination extends Sources {
  images: string;
  labels: string;
}

export type FromExaminer =
  | { kind: "fetched"; fraction: number }
  | { kind: "read"; count: number; of: number }
  | { kind: "done"; labels: Uint8Array; readings: Uint8Array; milliseconds: number }
  | { kind: "failed"; failure: Failure };

const say = (message: FromExaminer) => postMessage(message);

const pixels = 784;
const batch = 100; // digits between two words about it

async function get(address: string): Promise<ArrayBuffer> {
  const away = () => Promise.reject(new Failed({ reason: "network", part: "digits" }));
  const answer = await fetch(address).catch(away);
  if (!answer.ok) throw new Failed(refused("digits", answer.status));
  return answer.arrayBuffer().catch(away);
}

/** The first of the largest, as nn.Argmax. */
function strongest(outputs: Float32Array): number {
  return outputs.indexOf(Math.max(...outputs));
}

function readAll(rakam: Rakam, images: Uint8Array): Uint8Array {
  const readings = new Uint8Array(images.length / pixels);
  const ink = new Float32Array(pixels);
  for (let i = 0; i < readings.length; i++) {
    for (let p = 0; p < pixels; p++) ink[p] = images[i * pixels + p]! / 255;
    const outputs = rakam.classify(ink);
    if (!(outputs instanceof Float32Array)) throw new Error(outputs.error);
    readings[i] = strongest(outputs);
    if ((i + 1) % batch === 0) say({ kind: "read", count: i + 1, of: readings.length });
  }
  return readings;
}

async function examine({ images, labels, ...sources }: Examination): Promise<void> {
  const files = fetchFiles(sources, new AbortController().signal, (fraction) => say({ kind: "fetched", fraction }));
  const [module, weights, pictures, meant] = await Promise.all([files.module, files.weights, get(images), get(labels)]);
  const { rakam, kernel } = await startEngine(module, files.kernel);
  await kernel;
  const model = rakam.load(new Uint8Array(weights));
  if ("error" in model) throw new Error(model.error);
  const data = parseIDX(pictures, "images", pixels);
  const start = performance.now();
  const readings = readAll(rakam, data);
  say({ kind: "done", labels: parseIDX(meant, "labels", 1), readings, milliseconds: performance.now() - start });
}

addEventListener("message", ({ data }: MessageEvent<Examination>) => {
  examine(data).catch((error: unknown) => {
    if (!(error instanceof Failed)) console.warn("rakam:", error);
    say({ kind: "failed", failure: error instanceof Failed ? error.failure : { reason: "module", code: "script" } });
  });
});
