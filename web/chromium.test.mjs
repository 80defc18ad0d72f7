// chromium.sh on machines of several kinds, of which each has only the programs named.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { found } from "./found.mjs";

const script = fileURLToPath(new URL("chromium.sh", import.meta.url));

/** Runs it: programs are shell scripts by name, system what /etc/os-release says. */
function run({ programs, system = "ID=debian", user = 0, chromium = "" }) {
  const dir = mkdtempSync(join(tmpdir(), "rakam-chromium-"));
  try {
    const log = join(dir, "log");
    for (const name of ["sh", "dirname", "grep", "env"]) symlinkSync(found(name), join(dir, name));
    for (const [name, body] of Object.entries({ id: `echo ${user}`, ...programs })) {
      writeFileSync(join(dir, name), `#!${found("sh")}\necho "${name} $*" >>"${log}"\n${body}\n`);
      chmodSync(join(dir, name), 0o755);
    }
    writeFileSync(join(dir, "os-release"), `${system}\n`);
    const { status, stderr } = spawnSync("sh", [script], {
      env: { PATH: dir, CHROMIUM: chromium, OS_RELEASE: join(dir, "os-release"), APPLICATIONS: dir },
      encoding: "utf8",
    });
    const calls = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").filter((call) => !call.startsWith("id ")) : [];
    return { status, stderr, calls };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const shell = "apt-get install -y -qq chromium-headless-shell";
const whole = "apt-get install -y -qq chromium";

for (const name of ["chromium-headless-shell", "chromium", "google-chrome", "google-chrome-stable", "chromium-browser"]) {
  test(`nothing is installed where there is ${name}`, () => {
    const { status, calls } = run({ programs: { [name]: "", "apt-get": "" } });
    assert.equal(status, 0);
    assert.deepEqual(calls, [`${name} --version`]);
  });
}

test("the one that is named comes first", () => {
  const { status, calls } = run({ programs: { mine: "", chromium: "" }, chromium: "mine" });
  assert.equal(status, 0);
  assert.deepEqual(calls, ["mine --version"]);
});

test("a stub that asks for something else is none", () => {
  const { status, calls } = run({ programs: { "chromium-browser": "exit 1", "apt-get": "" } });
  assert.equal(status, 0);
  assert.ok(calls.includes(shell), calls.join("\n"));
});

test("Debian's package is installed, and an older one's", () => {
  assert.deepEqual(run({ programs: { "apt-get": "" } }).calls, ["apt-get update -qq", shell]);
  const older = run({ programs: { "apt-get": '[ "$4" != chromium-headless-shell ]' } });
  assert.equal(older.status, 0);
  assert.deepEqual(older.calls, ["apt-get update -qq", shell, whole]);
});

test("who is not root installs it by sudo", () => {
  const { status, calls } = run({ programs: { "apt-get": "", sudo: '"$@"' }, user: 1000 });
  assert.equal(status, 0);
  assert.deepEqual(calls.slice(-1), [shell]);
});

test("on Ubuntu it is Playwright's own", () => {
  const { status, calls } = run({ programs: { "apt-get": "", npx: "" }, system: "ID=ubuntu" });
  assert.equal(status, 0);
  assert.deepEqual(calls, ["npx playwright install --with-deps chromium"]);
});

test("who may not install is not asked to wait for it", () => {
  const { status, calls } = run({ programs: { "apt-get": "" }, user: 1000 });
  assert.equal(status, 1);
  assert.deepEqual(calls, []);
});

for (const [name, machine] of Object.entries({
  "elsewhere": { programs: {} },
  "who may not install": { programs: { "apt-get": "" }, user: 1000 },
  "an installation that fails": { programs: { "apt-get": "exit 1" } },
  "an installation on Ubuntu that fails": { programs: { "apt-get": "", npx: "exit 1" }, system: "ID=ubuntu" },
})) {
  test(`${name}: says what to install`, () => {
    const { status, stderr } = run(machine);
    assert.equal(status, 1);
    assert.match(stderr, /need Chromium or Chrome: install it, or set CHROMIUM/);
  });
}
