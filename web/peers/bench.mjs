// Times Rakam beside the two libraries that most networks are read with in browsers,
// all as WebAssembly on one thread, by turns, with the same networks:
//
//   make bench-peers
//
// They must give the same probabilities, or there is nothing to compare.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { assembleKernel, starter, three } from "../../wasm/node.mjs";
import * as onnxruntime from "./onnxruntime.mjs";
import * as tensorflow from "./tensorflow.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));
const pretrained = join(root, "trainer", "pretrained");
const tfjs = join(here, "node_modules", "@tensorflow", "tfjs-backend-wasm", "dist") + "/";
const ort = join(here, "node_modules", "onnxruntime-web", "dist") + "/";

const rounds = 60;
const calls = 20;
const tolerance = 1e-5; // of a probability; single precision, summed in other orders

async function startRakam() {
  const start = await starter();
  const { rakam, kernel } = await start(await assembleKernel());
  if (!(await kernel)) throw new Error("this Node does not run the kernel: take a newer one");
  return rakam;
}

function exported(version, format, scratch) {
  const file = join(scratch, `${version}.${format}`);
  const model = join(pretrained, version, "model.safetensors");
  execFileSync(join(root, "bin", "trainer"), ["export", "--model", model, "--format", format, "--out", file]);
  return readFileSync(file);
}

/** The readers of a version by name, each from 784 values to ten probabilities. */
async function readers(version, rakam, scratch) {
  const { error } = rakam.load(readFileSync(join(pretrained, version, "model.safetensors")));
  if (error) throw new Error(error);
  return {
    "Rakam": (image) => rakam.classify(image),
    "TensorFlow.js": await tensorflow.load(JSON.parse(exported(version, "json", scratch)), tfjs),
    "ONNX Runtime": await onnxruntime.load(exported(version, "onnx", scratch)),
  };
}

/** The greatest difference from the first reader's probabilities. */
async function disagreement(readers, image) {
  const [expected, ...others] = await Promise.all(Object.values(readers).map(async (read) => Array.from(await read(image))));
  return Math.max(...others.flatMap((got) => got.map((p, i) => Math.abs(p - expected[i]))));
}

/** Milliseconds of a reading, by name: the least and the median of the rounds. */
async function times(readers, image) {
  const taken = Object.entries(readers).map(([name, read]) => ({ name, read, each: [] }));
  for (let round = 0; round < rounds; round++) {
    for (const { read, each } of taken) {
      const start = performance.now();
      for (let i = 0; i < calls; i++) await read(image);
      each.push((performance.now() - start) / calls);
    }
  }
  return taken.map(({ name, each }) => {
    each.sort((a, b) => a - b);
    return `${name} ${each[0].toFixed(2)} ms (median ${each[rounds >> 1].toFixed(2)})`;
  });
}

/** What a page has to fetch of a library before it can read: its script and its module, in kB as sent. */
async function sent(script, module) {
  const { build } = createRequire(join(root, "web", "package.json"))("esbuild");
  const { outputFiles } = await build({
    entryPoints: [join(here, script)], bundle: true, minify: true, format: "esm", platform: "browser", write: false,
  });
  const bytes = [outputFiles[0].contents, readFileSync(module)].map((file) => brotliCompressSync(file).length);
  return Math.round((bytes[0] + bytes[1]) / 1000);
}

async function main() {
  const scratch = mkdtempSync(join(tmpdir(), "rakam-"));
  try {
    const rakam = await startRakam();
    const versions = readdirSync(pretrained).filter((name) => existsSync(join(pretrained, name, "model.safetensors")));
    for (const name of versions) {
      const all = await readers(name, rakam, scratch);
      const image = rakam.read(three.points, three.strokeEnds).values.slice(10, 794); // what the network sees
      const difference = await disagreement(all, image);
      if (difference > tolerance) throw new Error(`${name}: probabilities differ by ${difference}`);
      console.log(`${name}, an image: ${(await times(all, image)).join(", ")}; probabilities differ by at most ${difference.toExponential(0)}`);
    }
    console.log(`as sent: TensorFlow.js ${await sent("tensorflow.mjs", tfjs + "tfjs-backend-wasm-simd.wasm")} kB, ` +
      `ONNX Runtime ${await sent("onnxruntime.mjs", ort + "ort-wasm-simd-threaded.wasm")} kB`);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
