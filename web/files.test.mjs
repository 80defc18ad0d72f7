// What becomes of the files that the draw page fetches, with a fetch of the tests':
//
//   node --test files.test.mjs

import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import { importScript } from "../wasm/node.mjs";

const empty = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]); // a module without anything in it
const sources = { module: "module", kernel: "kernel", weights: "weights" };
const types = { headers: { "Content-Type": "application/wasm" } };

let fetchFiles, answers, fractions, cancel;

before(async () => ({ fetchFiles } = await importScript("files.ts", { MODULE_BYTES: String(empty.length) })));

beforeEach((t) => {
  answers = {
    module: () => new Response(empty, types),
    kernel: () => new Response("kernel"),
    weights: () => new Response(new Uint8Array(1000)),
  };
  fractions = [];
  cancel = new AbortController();
  t.mock.method(console, "warn", () => {});
  t.mock.method(globalThis, "fetch", async (name, { signal }) => {
    const answer = await answers[name]();
    signal.throwIfAborted();
    return answer;
  });
});

const start = () => fetchFiles(sources, cancel.signal, (fraction) => fractions.push(fraction));

/** How module and weights fail, null for one that does not. */
async function failures({ module, weights }) {
  const settled = await Promise.allSettled([module, weights]);
  return settled.map(({ reason }) => reason?.failure ?? reason ?? null);
}

/** A response that is cut off after its first bytes. */
function cutOff(bytes) {
  let sent = false;
  const pull = (controller) => {
    if (sent) return controller.error(new TypeError("terminated"));
    sent = true;
    controller.enqueue(bytes);
  };
  return new Response(new ReadableStream({ pull }), types);
}

test("gives all three, and says how much has come", async () => {
  const files = start();
  assert.ok((await files.module) instanceof WebAssembly.Module);
  assert.equal((await files.weights).byteLength, 1000);
  assert.equal(new TextDecoder().decode(await files.kernel), "kernel");
  assert.deepEqual(fractions, [...fractions].sort((a, b) => a - b));
  assert.equal(fractions.at(-1), 1); // though weights are usually larger
});

test("what is cut off on its way is the network's fault", async () => {
  answers.module = () => cutOff(empty.subarray(0, 4));
  answers.weights = () => cutOff(new Uint8Array(10));
  assert.deepEqual(await failures(start()), [{ reason: "network", part: "module" }, { reason: "network", part: "weights" }]);
});

test("a module that is whole and then cut off is the network's fault too", async () => {
  answers.module = () => cutOff(empty);
  assert.deepEqual(await failures(start()), [{ reason: "network", part: "module" }, null]);
});

test("what is cut off ends, without an error for the browser to tell", async (t) => {
  const { arrayBuffer } = Response.prototype;
  const ends = [];
  t.mock.method(Response.prototype, "arrayBuffer", function () {
    const taken = arrayBuffer.call(this);
    ends.push(taken.then(() => "ended", () => "failed"));
    return taken;
  });
  answers.kernel = () => new Response("", { status: 404 });
  answers.weights = () => cutOff(new Uint8Array(10));
  await failures(start());
  assert.deepEqual(await Promise.all(ends), ["ended"]);
});

test("a server that cannot be reached is the network's fault", async () => {
  answers.module = answers.weights = () => Promise.reject(new TypeError("fetch failed"));
  assert.deepEqual(await failures(start()), [{ reason: "network", part: "module" }, { reason: "network", part: "weights" }]);
});

test("what has come and is no module is not", async () => {
  answers.module = () => new Response(empty.subarray(0, 4), types);
  assert.deepEqual(await failures(start()), [{ reason: "module", code: "compile" }, null]);
});

test("what the server refuses fails with what it said; what is gone is stale", async () => {
  answers.module = () => new Response("", { status: 503 });
  answers.weights = () => new Response("", { status: 404 });
  assert.deepEqual(await failures(start()), [{ reason: "http", part: "module", status: 503 }, { reason: "stale" }]);
});

test("there may be no kernel", async () => {
  for (const kernel of [() => new Response("", { status: 404 }), () => Promise.reject(new TypeError("fetch failed"))]) {
    answers.kernel = kernel;
    const files = start();
    assert.equal(await files.kernel, null);
    assert.deepEqual(await failures(files), [null, null]);
  }
});

test("what is given up is not fetched on", async () => {
  const files = start();
  cancel.abort();
  assert.equal(await files.kernel, null);
  assert.ok((await failures(files)).every(Boolean));
});
