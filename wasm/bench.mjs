// Times the module as it ships, bridge included, with its kernel and without, on ten
// drawn digits:
//
//   node wasm/bench.mjs [MODEL.safetensors]

import { readFileSync } from "node:fs";
import { assembleKernel, drawings, imageOf, starter } from "./node.mjs";

const shipped = new URL("../trainer/pretrained/seed/model.safetensors", import.meta.url);
const rounds = 60;
const calls = 50;

/** Microseconds of a call with one of the arguments: the least and the median of the rounds. */
function time(call, all) {
  const each = Array.from({ length: rounds }, () => {
    const start = performance.now();
    for (let i = 0; i < calls; i++) call(all[i % all.length]);
    return ((performance.now() - start) * 1000) / calls;
  }).sort((a, b) => a - b);
  return `${each[0].toFixed(0)} µs (median ${each[rounds >> 1].toFixed(0)})`;
}

async function main(model) {
  const start = await starter();
  for (const kernel of [await assembleKernel(), null]) {
    const { rakam, kernel: running } = await start(kernel);
    const fast = await running;
    const { error, spec } = rakam.load(readFileSync(model));
    if (error) throw new Error(error);
    const read = ({ points, strokeEnds }) => rakam.read(points, strokeEnds);
    const drawn = await drawings();
    const images = drawn.map((drawing) => imageOf(read(drawing)));
    console.log(`${spec} in WebAssembly ${fast ? "with" : "without"} the kernel: ` +
      `classify ${time((image) => rakam.classify(image), images)}, read ${time(read, drawn)}`);
  }
}

main(process.argv[2] ?? shipped).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
