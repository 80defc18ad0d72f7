// Times the module as it ships, bridge included, with its kernel and without:
//
//   node wasm/bench.mjs [MODEL.safetensors]

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assembleKernel, buildModule, importEngine, loadGlue } from "./node.mjs";

const shipped = new URL("../trainer/pretrained/seed/model.safetensors", import.meta.url);
const rounds = 60;
const calls = 50;

// An image with as much ink as MNIST's, a fifth, and a 3 drawn with 90 points.
const image = Float32Array.from({ length: 784 }, (_, i) => ((i * 7919) % 784 < 157 ? ((i * 31) % 255) / 255 : 0));
const points = Float32Array.from({ length: 180 }, (_, i) => {
  const turn = ((i >> 1) / 90) * 3 * Math.PI;
  return i % 2 ? turn / 9 : 0.5 + Math.abs(Math.sin(turn)) / 3;
});
const strokeEnds = Uint32Array.of(90);

/** Microseconds of a call: the least and the median of the rounds. */
function time(call) {
  const each = Array.from({ length: rounds }, () => {
    const start = performance.now();
    for (let i = 0; i < calls; i++) call();
    return ((performance.now() - start) * 1000) / calls;
  }).sort((a, b) => a - b);
  return `${each[0].toFixed(0)} µs (median ${each[rounds >> 1].toFixed(0)})`;
}

async function main(model) {
  await loadGlue();
  const { startEngine } = await importEngine();
  const scratch = mkdtempSync(join(tmpdir(), "rakam-"));
  const module = await WebAssembly.compile(buildModule(join(scratch, "rakam.wasm")));
  rmSync(scratch, { recursive: true });
  for (const kernel of [await assembleKernel(), null]) {
    const engine = await startEngine(module, kernel);
    const fast = await engine.kernel;
    const { error, spec } = engine.rakam.load(readFileSync(model));
    if (error) throw new Error(error);
    console.log(`${spec} in WebAssembly ${fast ? "with" : "without"} the kernel: ` +
      `classify ${time(() => engine.rakam.classify(image))}, read ${time(() => engine.rakam.read(points, strokeEnds))}`);
  }
}

main(process.argv[2] ?? shipped).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
