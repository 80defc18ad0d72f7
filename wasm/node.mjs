// What tests and benchmarks need to run the Go module under Node: Go's own glue, the
// assembled kernel, the module built as it ships, the scripts of web/src as JavaScript,
// and drawings.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const requireFromWeb = createRequire(join(root, "web", "package.json"));

/** A package of web/, whose lock file pins it. */
function fromWeb(name) {
  try {
    return requireFromWeb(name);
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
    throw new Error(`the npm package ${name} is missing: run "npm ci" in web/ first`);
  }
}

function go(args, env = {}) {
  return execFileSync("go", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...env } });
}

/** Defines globalThis.Go, the glue that belongs to the Go that is installed. */
export async function loadGlue() {
  await import(join(go(["env", "GOROOT"]).trim(), "lib", "wasm", "wasm_exec.js"));
}

/** The bytes of the kernel, assembled from wasm/nn/kernel.wat by the package wabt, loaded already or not. */
export async function assembleKernel(loaded) {
  const wabt = loaded ?? (await fromWeb("wabt")());
  const source = join(root, "wasm", "nn", "kernel.wat");
  const parsed = wabt.parseWat(source, readFileSync(source), { simd: true });
  try {
    return parsed.toBinary({}).buffer;
  } finally {
    parsed.destroy();
  }
}

/** Builds the module as it ships into file and gives its bytes; run is what runs go with arguments and environment. */
export function buildModule(file, run = go) {
  run(["build", "-tags", "kernel", "-trimpath", "-ldflags=-s -w", "-o", file, "./wasm"], {
    GOOS: "js", GOARCH: "wasm", GOFLAGS: "", GOEXPERIMENT: "",
  });
  return readFileSync(file);
}

/** What a script of web/src exports, as in "engine.ts"; define as esbuild has it. */
export async function importScript(name, define = {}) {
  const { outputFiles } = fromWeb("esbuild").buildSync({
    entryPoints: [join(root, "web", "src", name)],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    define,
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

/** What web/src/engine.ts exports. */
export const importEngine = () => importScript("engine.ts");

/** Builds the module as it ships. Gives what starts it, with a kernel's bytes or null for none. */
export async function starter() {
  await loadGlue();
  const { startEngine } = await importEngine();
  const scratch = mkdtempSync(join(tmpdir(), "rakam-"));
  try {
    const module = await WebAssembly.compile(buildModule(join(scratch, "rakam.wasm")));
    return (kernel) => startEngine(module, kernel);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** The ten drawings of web/e2e/digits.ts, on a pad of side 1, as rakam.read takes them. */
export async function drawings() {
  const { digits, smooth } = await importScript("../e2e/digits.ts");
  return Object.values(digits).map((paths) => {
    const strokes = paths.map(smooth);
    let end = 0;
    return {
      points: Float32Array.from(strokes.flat(2)),
      strokeEnds: Uint32Array.from(strokes, ({ length }) => (end += length)),
    };
  });
}

/** The 28×28 image that the network saw in a reading. */
export const imageOf = ({ values }) => values.slice(10, 794);
