// Starts the real server, for what tests it with a browser.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const server = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "bin", "server");

/** Runs a server with a store of its own for as long as use does. */
export async function serve(use, ...flags) {
  if (!existsSync(server)) throw new Error(`${server} is missing: run "make build" first`);
  const data = await mkdtemp(join(tmpdir(), "rakam-e2e-"));
  const child = spawn(server, ["--addr", "127.0.0.1:0", "--data", data, ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, PORT: "", RAKAM_LOG_LEVEL: "error" },
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  try {
    const address = await new Promise((resolve, reject) => {
      let printed = "";
      child.stdout.on("data", (chunk) => {
        printed += chunk.toString();
        const found = /http:\/\/\S+/.exec(printed);
        if (found) resolve(found[0]);
      });
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`the server ended with ${code} before it printed its address`)));
    });
    await ready(address);
    await use(address);
  } finally {
    if (child.pid !== undefined) {
      child.kill();
      await ended;
    }
    await rm(data, { recursive: true, force: true });
  }
}

async function ready(address) {
  for (const patience = Date.now() + 20_000; Date.now() < patience; ) {
    const answer = await fetch(`${address}/readyz`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the server did not become ready in 20 s");
}
