// Holds what the draw page costs: everything but the weights that has to arrive
// before a digit is read, as a browser that knows brotli gets it.

import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import { engineFiles } from "./build.mjs";

const budget = 800_000; // bytes

const dist = new URL("./dist/", import.meta.url);

function manifest() {
  try {
    return JSON.parse(readFileSync(new URL("manifest.json", dist), "utf8"));
  } catch (error) {
    throw new Error('web/dist is not built: run "node web/build.mjs" first', { cause: error });
  }
}

test("the engine is under 0.8 MB brotli", () => {
  const names = manifest();
  const sizes = engineFiles.map((name) => statSync(new URL(`${names[name]}.br`, dist)).size);
  const sum = sizes.reduce((a, b) => a + b);
  console.log(engineFiles.map((name, i) => `${name} ${sizes[i]}`).join(", "), `= ${sum} bytes`);
  assert.ok(sum < budget, `${sum} bytes, the budget is ${budget}`);
});

test("every built file has a smaller .br and .gz beside it", () => {
  for (const name of Object.values(manifest())) {
    const { size } = statSync(new URL(name, dist));
    for (const suffix of [".br", ".gz"]) assert.ok(statSync(new URL(name + suffix, dist)).size < size, name + suffix);
  }
});
