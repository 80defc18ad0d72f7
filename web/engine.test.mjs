// Runs the module as it ships through web/src/engine.ts, in this Node:
//
//   node --test engine.test.mjs

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assembleKernel, buildModule, importEngine, loadGlue } from "../wasm/node.mjs";

const scratch = mkdtempSync(join(tmpdir(), "rakam-"));
let bytes, module, kernel, compileModule, startEngine;

before(async () => {
  await loadGlue();
  ({ compileModule, startEngine } = await importEngine());
  kernel = await assembleKernel();
  bytes = buildModule(join(scratch, "rakam.wasm"));
  module = await WebAssembly.compile(bytes);
});
after(() => rmSync(scratch, { recursive: true }));

const response = (body, type) => new Response(body, { headers: type ? { "Content-Type": type } : {} });

/** A module that is not Rakam's but runs under Go's glue: body is what its run does. */
async function foreign(body) {
  return WebAssembly.compile(await assemble(`(module (memory (export "mem") 1) (func (export "run") (param i32 i32) ${body})
    (func (export "resume")) (func (export "getsp") (result i32) (i32.const 0)))`));
}

async function assemble(source) {
  const { default: wabt } = await import("wabt");
  return (await wabt()).parseWat("source.wat", source).toBinary({}).buffer;
}

/** Whether a promise is settled by the time all that waits has run. */
const settled = (promise) => Promise.race([promise.then(() => true), new Promise((resolve) => setTimeout(resolve, 50, false))]);

test("the kernel is small", () => assert.ok(kernel.length < 2000, `${kernel.length} bytes`));

test("compiles what comes, whatever its type, and starts it", async () => {
  for (const type of ["application/wasm", "application/wasm; charset=x", ""]) {
    const { rakam } = await startEngine(await compileModule(response(bytes, type)), kernel);
    assert.deepEqual(Object.keys(rakam).sort(), ["classify", "load", "read"]);
  }
  assert.equal(globalThis.rakamReady, undefined);
});

test("runs with its kernel, and without where it cannot", async () => {
  assert.equal(await (await startEngine(module, kernel)).kernel, true);
  const partial = await assemble('(module (func (export "dense") (result i32) (i32.const 1)))');
  for (const unusable of [null, new ArrayBuffer(0), new Uint8Array(100).buffer, new Uint8Array(bytes).buffer, partial]) {
    const engine = await startEngine(module, unusable);
    assert.equal(await engine.kernel, false);
    assert.match(engine.rakam.classify(new Float32Array(784)).error, /no model/);
  }
});

test("does not wait for its kernel, and takes it when it comes", async () => {
  let come = () => {};
  const engine = await startEngine(module, new Promise((resolve) => (come = resolve)));
  assert.match(engine.rakam.classify(new Float32Array(784)).error, /no model/);
  assert.equal(await settled(engine.kernel), false);
  come(kernel);
  assert.equal(await engine.kernel, true);
  assert.equal(await (await startEngine(module, Promise.resolve(null))).kernel, false);
});

test("two engines in one place do not mix", async () => {
  const [first, second] = await Promise.all([startEngine(module, kernel), startEngine(module, null)]);
  for (const { rakam, exited } of [first, second]) {
    assert.match(rakam.load(new Uint8Array(3)).error, /too few/);
    assert.equal(await settled(exited), false);
  }
});

test("what is no module, or not all of it, is an error", async () => {
  for (const type of ["application/wasm", "text/html"]) {
    for (const body of ["", "<html>", bytes.subarray(0, 1000)]) {
      await assert.rejects(compileModule(response(body, type)), WebAssembly.CompileError);
    }
  }
});

test("a module that wants what is not there is an error", async () => {
  const stranger = await WebAssembly.compile(await assemble('(module (import "elsewhere" "f" (func)))'));
  await assert.rejects(startEngine(stranger, kernel), (error) => error instanceof TypeError || error instanceof WebAssembly.LinkError);
});

test("a module that ends before it is ready is an error", async (t) => {
  t.mock.method(console, "warn", () => {});
  await assert.rejects(startEngine(await foreign("unreachable"), null), /ended before it was ready/);
  assert.match(String(console.warn.mock.calls[0].arguments[1]), /unreachable/);
});

test("a module that dies later is noticed and answers with an error", async (t) => {
  t.mock.method(console, "warn", () => {});
  const { rakam, exited } = await startEngine(module, kernel);
  assert.equal(await settled(exited), false);
  // Go's glue lets through what a getter throws; nothing the bridge touches is one,
  // so the trap is set in what every call into the module passes.
  const resume = globalThis.Go.prototype._resume;
  globalThis.Go.prototype._resume = () => {
    throw new WebAssembly.RuntimeError("unreachable");
  };
  t.after(() => (globalThis.Go.prototype._resume = resume));
  assert.match(rakam.classify(new Float32Array(784)).error, /has ended/);
  assert.equal(await settled(exited), true);
  globalThis.Go.prototype._resume = resume;
  const answer = rakam.load(new Uint8Array(3));
  assert.equal(answer.code, "ended");
  assert.match(answer.error, /has ended/); // a broken module is not asked again
  assert.match(answer.hint, /reload/);
});
