// Does in the WebAssembly module, as it ships, what wasm_test.go does natively:
//
//   node browser.mjs JOB.json     {"scratch", "models", "images", "drawings"}
//
// writes to result.json in scratch, for each model with the kernel and without it,
// the probabilities of each image, the reading of each drawing and how long an
// image took.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assembleKernel, buildModule, importEngine, loadGlue } from "../../../wasm/node.mjs";

const job = JSON.parse(readFileSync(process.argv[2], "utf8"));
const images = job.images.map((pixels) => Float32Array.from(pixels));
const drawings = job.drawings.map((strokes) => {
  let points = 0;
  const ends = strokes.map((stroke) => (points += stroke.length));
  return [Float32Array.from(strokes.flat(2)), Uint32Array.from(ends)];
});

// What must not disturb the module: each is answered with an error and a hint.
const nonsense = [
  (rakam) => rakam.load(new Uint8Array(1000).fill(7)),
  (rakam) => rakam.load("seed"),
  (rakam) => rakam.classify(new Float32Array(28)),
  (rakam) => rakam.classify(new Float32Array(784).fill(NaN)),
  (rakam) => rakam.read(new Float32Array(5), new Uint32Array(1)),
  (rakam) => rakam.read(new Float32Array(4), Uint32Array.of(7)),
];

function withstand(rakam) {
  for (const call of nonsense) {
    const { error, hint } = call(rakam);
    assert.ok(error && hint, `${call} was answered without error and hint`);
  }
}

/** Microseconds of one image, the least of some rounds over all: others may use the machine. */
function time(rakam) {
  const rounds = Array.from({ length: 9 }, () => {
    const start = performance.now();
    for (const image of images) rakam.classify(image);
    return ((performance.now() - start) * 1000) / images.length;
  });
  return Math.min(...rounds);
}

function answers(rakam, model) {
  withstand(rakam);
  const loaded = rakam.load(readFileSync(model));
  assert.ok(!loaded.error, loaded.error);
  withstand(rakam);
  return {
    probabilities: images.map((image) => Array.from(rakam.classify(image))),
    readings: drawings.map(([points, ends]) => {
      const reading = rakam.read(points, ends);
      return { ...reading, values: Array.from(reading.values) };
    }),
    microseconds: time(rakam),
  };
}

await loadGlue();
const { startEngine } = await importEngine();
const module = await WebAssembly.compile(buildModule(join(job.scratch, "rakam.wasm")));
const kernel = await assembleKernel();
const result = [];
for (const model of job.models) {
  const fast = await startEngine(module, kernel);
  assert.ok(await fast.kernel, "the kernel does not run");
  const plain = await startEngine(module, null);
  result.push({ kernel: answers(fast.rakam, model), plain: answers(plain.rakam, model) });
}
writeFileSync(join(job.scratch, "result.json"), JSON.stringify(result));
