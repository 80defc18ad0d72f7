// Builds what a browser is sent into web/dist: the Go module and its kernel, the
// scripts, the styles; each under a name that holds its content's hash, with a .br
// and a .gz beside it, and manifest.json from logical to hashed name.
//
//   node web/build.mjs [--dev]      --dev: scripts readable, with source maps
//
// Everything is made before anything is written, new names never overwrite old
// ones, and manifest.json changes last: a build that fails leaves the old one whole.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { assembleKernel, buildModule } from "../wasm/node.mjs";

const web = dirname(fileURLToPath(import.meta.url));
const root = dirname(web);
const dist = join(web, "dist");
const cache = join(web, "node_modules", ".cache", "rakam");
const dev = process.argv.includes("--dev");

const leastNode = 20;
const pageScripts = ["draw", "report", "confusion", "train", "run", "models", "corrections"];

class BuildError extends Error {}

function run(command, args, options = {}) {
  try {
    return execFileSync(command, args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], ...options });
  } catch (error) {
    if (error.code === "ENOENT") throw new BuildError(`"${command}" was not found. Install Go 1.26 or newer (https://go.dev/dl) and try again.`);
    throw new BuildError(`"${command} ${args.join(" ")}" failed; what it printed above says why.`);
  }
}

async function tools() {
  const node = Number(process.versions.node.split(".")[0]);
  if (node < leastNode) throw new BuildError(`This is Node ${process.versions.node}; the build needs Node ${leastNode} or newer.`);
  try {
    const [esbuild, wabt] = await Promise.all([import("esbuild"), import("wabt")]);
    return { esbuild, wabt: await wabt.default() };
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new BuildError('The packages of web/ are not installed. Run "npm ci" in web/ first.');
  }
}

function goModule() {
  mkdirSync(cache, { recursive: true });
  return buildModule(join(cache, "rakam.wasm"), (args, env) => run("go", args, { env: { ...process.env, ...env } }));
}

function wasmExec() {
  const path = join(run("go", ["env", "GOROOT"]).trim(), "lib", "wasm", "wasm_exec.js");
  if (!existsSync(path)) throw new BuildError(`${path} is missing: this Go is older than 1.24 or incomplete. Install Go 1.26 or newer.`);
  return path;
}

// bundle gives [logical name, bytes] for each entry point.
async function bundle(esbuild, options) {
  const result = await esbuild.build({
    bundle: true,
    write: false,
    outdir: dist,
    minify: !dev,
    sourcemap: dev ? "inline" : false,
    charset: "utf8",
    logLevel: "error",
    absWorkingDir: web,
    ...options,
  });
  return result.outputFiles.map((file) => [basename(file.path), Buffer.from(file.contents)]);
}

async function make({ esbuild, wabt }) {
  const module = goModule();
  const target = "es2022";
  const define = { MODULE_BYTES: String(module.length) };
  const [pages, worker, styles] = await Promise.all([
    bundle(esbuild, { entryPoints: pageScripts.map((name) => `src/${name}.ts`), format: "esm", target, define }),
    bundle(esbuild, {
      entryPoints: ["src/worker.ts", "src/examiner.ts", "src/sw.ts"],
      format: "iife", // classic workers: the one kind that every browser with WebAssembly starts
      target,
      define,
      alias: { wasm_exec: wasmExec() },
    }),
    bundle(esbuild, { entryPoints: { style: "styles/main.css" } }),
  ]);
  const still = readdirSync(join(web, "static")).map((name) => [name, readFileSync(join(web, "static", name))]);
  return [["rakam.wasm", module], ["kernel.wasm", Buffer.from(await assembleKernel(wabt))], ...pages, ...worker, ...styles, ...still];
}

function hashed(name, bytes) {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
  const kind = extname(name);
  return `${basename(name, kind)}-${hash}${kind}`;
}

const compressors = {
  ".br": (bytes) =>
    promisify(brotliCompress)(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }),
  ".gz": (bytes) => promisify(gzip)(bytes, { level: 9 }),
};

// writeWhole leaves either the old file or the new one, never a part.
function writeWhole(path, bytes) {
  const part = `${path}.part`;
  writeFileSync(part, bytes);
  renameSync(part, path);
}

async function write(name, bytes) {
  const target = join(dist, name);
  if (!existsSync(target)) writeWhole(target, bytes);
  const missing = Object.entries(compressors).filter(([suffix]) => !existsSync(target + suffix));
  await Promise.all(missing.map(async ([suffix, compress]) => writeWhole(target + suffix, await compress(bytes))));
}

function sweep(kept) {
  const keep = new Set(["manifest.json", ...kept.flatMap((name) => [name, `${name}.br`, `${name}.gz`])]);
  for (const name of readdirSync(dist)) {
    if (!keep.has(name)) rmSync(join(dist, name), { recursive: true });
  }
}

function show(manifest) {
  const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(11);
  const size = (name) => readFileSync(join(dist, name)).length;
  for (const [logical, name] of Object.entries(manifest)) {
    console.log(`${logical.padEnd(16)}${kB(size(name))}${kB(size(`${name}.br`))} brotli`);
  }
  const engine = engineFiles.reduce((sum, logical) => sum + size(`${manifest[logical]}.br`), 0);
  console.log(`${"engine".padEnd(27)}${kB(engine)} brotli (${engineFiles.join(", ")})`);
}

/** What the draw page loads to read a digit, the weights aside. */
export const engineFiles = ["rakam.wasm", "kernel.wasm", "worker.js", "draw.js"];

export async function build() {
  const files = await make(await tools());
  const manifest = Object.fromEntries(files.map(([name, bytes]) => [name, hashed(name, bytes)]).sort());
  mkdirSync(dist, { recursive: true });
  await Promise.all(files.map(([name, bytes]) => write(manifest[name], bytes)));
  writeWhole(join(dist, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  sweep(Object.values(manifest));
  show(manifest);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  build().catch((error) => {
    // esbuild has printed its own messages by now
    if (error instanceof BuildError) console.error(`build: ${error.message}`);
    else if (!error.errors) console.error(error);
    process.exitCode = 1;
  });
}
