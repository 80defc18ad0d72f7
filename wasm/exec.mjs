// Runs a Go program that was built for js/wasm, under Node:
//
//   GOOS=js GOARCH=wasm go test -tags kernel -exec "node $PWD/wasm/exec.mjs" ./wasm/...
//
// Two things Go's own go_js_wasm_exec does not: it gives the module the kernel it
// imports when built with the tag kernel, and it hands over only the variables that
// matter, because arguments and environment together have 8 kB in Go's WebAssembly
// and the environment of a CI machine is larger than that.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { assembleKernel, loadGlue } from "./node.mjs";

const passed = /^(GO[A-Z]*|RAKAM_\w+|HOME|PWD|TMPDIR)$/;

async function imports(module, go, memory) {
  const wanted = WebAssembly.Module.imports(module).filter((wanted) => wanted.module === "rakam");
  if (wanted.length === 0) return go.importObject;
  const kernel = await WebAssembly.compile(await assembleKernel());
  let functions; // need the memory of the instance that needs them
  const late = (name) => (...args) => (functions ??= new WebAssembly.Instance(kernel, { go: { mem: memory() } }).exports)[name](...args);
  return { ...go.importObject, rakam: Object.fromEntries(wanted.map(({ name }) => [name, late(name)])) };
}

async function main(argv) {
  if (argv.length === 0) throw new Error("usage: node exec.mjs PROGRAM.wasm [ARGUMENT…]");
  Object.assign(globalThis, { fs, path }); // what Go's glue takes for a file system
  await loadGlue();
  const go = new globalThis.Go();
  go.argv = argv;
  go.env = Object.fromEntries(Object.entries({ TMPDIR: os.tmpdir(), ...process.env }).filter(([name]) => passed.test(name)));
  go.exit = process.exit;
  const module = await WebAssembly.compile(fs.readFileSync(argv[0]));
  const instance = await WebAssembly.instantiate(module, await imports(module, go, () => instance.exports.mem));
  process.on("exit", (code) => {
    if (code === 0 && !go.exited) {
      // Nothing is left to wait for and Go still waits: it prints what it waits for.
      go._pendingEvent = { id: 0 };
      go._resume();
    }
  });
  await go.run(instance);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
