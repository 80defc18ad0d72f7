// Times the module as it ships, bridge included, with its kernel and without:
//
//   node wasm/bench.mjs [MODEL.safetensors]

import { readFileSync } from "node:fs";
import { assembleKernel, starter, three } from "./node.mjs";

const shipped = new URL("../trainer/pretrained/seed/model.safetensors", import.meta.url);
const rounds = 60;
const calls = 50;

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
  const start = await starter();
  for (const kernel of [await assembleKernel(), null]) {
    const { rakam, kernel: running } = await start(kernel);
    const fast = await running;
    const { error, spec } = rakam.load(readFileSync(model));
    if (error) throw new Error(error);
    const read = () => rakam.read(three.points, three.strokeEnds);
    const image = read().values.subarray(10, 794); // what the network sees
    console.log(`${spec} in WebAssembly ${fast ? "with" : "without"} the kernel: ` +
      `classify ${time(() => rakam.classify(image))}, read ${time(read)}`);
  }
}

main(process.argv[2] ?? shipped).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
