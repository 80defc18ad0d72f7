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
let module, kernel, startEngine;

before(async () => {
  await loadGlue();
  ({ startEngine } = await importEngine());
  kernel = await assembleKernel();
  module = new Uint8Array(buildModule(join(scratch, "rakam.wasm"))).buffer;
});
after(() => rmSync(scratch, { recursive: true }));

const response = (type) => new Response(module, { headers: type ? { "Content-Type": type } : {} });

/** A module that is not Rakam's but runs under Go's glue: body is what its run does. */
async function foreign(body) {
  const { default: wabt } = await import("wabt");
  const source = `(module (memory (export "mem") 1) (func (export "run") (param i32 i32) ${body})
    (func (export "resume")) (func (export "getsp") (result i32) (i32.const 0)))`;
  return (await wabt()).parseWat("foreign.wat", source).toBinary({}).buffer.buffer;
}

/** Whether a promise is settled by the time all that waits has run. */
const settled = (promise) => Promise.race([promise.then(() => true), new Promise((resolve) => setTimeout(resolve, 50, false))]);

test("the kernel is small", () => assert.ok(kernel.length < 1500, `${kernel.length} bytes`));

test("starts from bytes and from responses, whatever their type", async () => {
  for (const wasm of [module, response("application/wasm"), response("application/wasm; charset=x"), response("")]) {
    const { rakam } = await startEngine(wasm, kernel);
    assert.deepEqual(Object.keys(rakam).sort(), ["classify", "load", "read"]);
  }
  assert.equal(globalThis.rakamReady, undefined);
});

test("runs with its kernel, and without where it cannot", async () => {
  assert.equal(await (await startEngine(module, kernel)).kernel, true);
  for (const unusable of [null, new ArrayBuffer(0), new Uint8Array(100).buffer, module]) {
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

test("a module that cannot start is an error", async () => {
  await assert.rejects(startEngine(new ArrayBuffer(0), kernel), WebAssembly.CompileError);
  await assert.rejects(startEngine(module.slice(0, 1000), kernel), WebAssembly.CompileError);
  await assert.rejects(startEngine(new Response("<html>", { headers: { "Content-Type": "text/html" } }), null), WebAssembly.CompileError);
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
