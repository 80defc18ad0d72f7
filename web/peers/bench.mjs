// Times Rakam beside the two libraries that most networks are executed with in
// browsers, here in Node: all as WebAssembly on one thread, by turns, with the same
// networks on the same images, those of ten drawn digits:
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
import { brotliCompressSync, constants } from "node:zlib";
import { assembleKernel, drawings, imageOf, starter } from "../../wasm/node.mjs";
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

/** The network of a version by what executes it, each from 784 values to ten probabilities. */
async function networks(version, rakam, scratch) {
  const { error } = rakam.load(readFileSync(join(pretrained, version, "model.safetensors")));
  if (error) throw new Error(error);
  return {
    "Rakam": (image) => rakam.classify(image),
    "TensorFlow.js": await tensorflow.load(JSON.parse(exported(version, "json", scratch)), tfjs),
    "ONNX Runtime": await onnxruntime.load(exported(version, "onnx", scratch)),
  };
}

/** The greatest difference from the first one's probabilities. */
async function disagreement(networks, images) {
  let greatest = 0;
  for (const image of images) {
    const [expected, ...others] = await Promise.all(Object.values(networks).map((run) => run(image)));
    for (const got of [expected, ...others]) {
      if (got.length !== 10) throw new Error(`${JSON.stringify(got)} are not ten probabilities`);
      for (let i = 0; i < 10; i++) {
        const difference = Math.abs(got[i] - expected[i]);
        if (!(difference <= tolerance)) throw new Error(`probabilities differ by ${difference}`);
        greatest = Math.max(greatest, difference);
      }
    }
  }
  return greatest;
}

/** Milliseconds of an image, by name: the least and the median of the rounds. */
async function times(networks, images) {
  const taken = Object.entries(networks).map(([name, run]) => ({ name, run, each: [] }));
  for (let round = 0; round < rounds; round++) {
    for (const { run, each } of taken) {
      const start = performance.now();
      for (let i = 0; i < calls; i++) await run(images[i % images.length]);
      each.push((performance.now() - start) / calls);
    }
  }
  return taken.map(({ name, each }) => {
    each.sort((a, b) => a - b);
    return `${name} ${each[0].toFixed(2)} ms (median ${each[rounds >> 1].toFixed(2)})`;
  });
}

/** What a page has to fetch of a library as it is installed, its script and its module, in kB as sent. */
async function sent(script, module) {
  const { build } = createRequire(join(root, "web", "package.json"))("esbuild");
  const { outputFiles } = await build({
    entryPoints: [join(here, script)], bundle: true, minify: true, format: "esm", platform: "browser", write: false,
  });
  const files = [Buffer.from(outputFiles[0].contents), readFileSync(module)];
  const size = files.reduce((sum, file) => sum + brotliCompressSync(file, { params: {
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: file.length,
  } }).length, 0);
  return `${Math.round(size / 1000)} kB`;
}

async function main() {
  const scratch = mkdtempSync(join(tmpdir(), "rakam-"));
  try {
    const rakam = await startRakam();
    const drawn = await drawings();
    const versions = readdirSync(pretrained).filter((name) => existsSync(join(pretrained, name, "model.safetensors")));
    for (const name of versions) {
      const all = await networks(name, rakam, scratch);
      const images = drawn.map(({ points, strokeEnds }) => imageOf(rakam.read(points, strokeEnds)));
      const difference = await disagreement(all, images);
      console.log(`${name}, an image: ${(await times(all, images)).join(", ")}; probabilities differ by at most ${difference.toExponential(0)}`);
    }
    console.log(`as sent: TensorFlow.js ${await sent("tensorflow.mjs", tfjs + "tfjs-backend-wasm-simd.wasm")}, ` +
      `ONNX Runtime ${await sent("onnxruntime.mjs", ort + "ort-wasm-simd-threaded.wasm")}; node web/build.mjs says what Rakam's engine has`);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
