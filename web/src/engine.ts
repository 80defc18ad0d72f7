// Compiles the Go module and starts it, and its kernel where there is SIMD. Runs in a
// worker, in a page and in Node; to start, it expects globalThis.Go, from the Go that
// built the module.

import type { BridgeError, Rakam } from "./bridge";

export interface Engine {
  /** The bridge. Unlike the global it also answers, with an error, when the module has ended. */
  rakam: Rakam;
  /** Whether the kernel runs, once that is known; until then and without it the module computes in Go. */
  kernel: Promise<boolean>;
  /** Resolves when the module has ended, which it should never do. */
  exited: Promise<void>;
}

interface Go {
  importObject: WebAssembly.Imports;
  run(instance: WebAssembly.Instance): Promise<void>;
}

interface Host {
  Go: new () => Go;
  rakam: Rakam;
  rakamReady?: (() => void) | undefined;
}

const kernelFunctions = ["dense", "conv", "pool", "strongest"] as const;

/** The functions of wasm/nn/kernel.wat: they take addresses, sizes and bounds as it says, and answer 1 when done. */
type KernelFunctions = Record<(typeof kernelFunctions)[number], (...numbers: number[]) => number>;

const host = globalThis as unknown as Host;

const ended: BridgeError = { code: "ended", error: "the module has ended", hint: "reload the page" };

/** A module that ended before it could be asked anything. */
export class EndedEarly extends Error {
  constructor() {
    super("the module ended before it was ready");
  }
}

/** What the kernel is made of: bytes, perhaps on their way; null when there are none. */
type Kernel = ArrayBuffer | null | Promise<ArrayBuffer | null>;

/** Compiles the module while it arrives, where that can be done. Rejects when it is none. */
export async function compileModule(wasm: Response): Promise<WebAssembly.Module> {
  // Compiling while it arrives is refused unless the server names exactly this type.
  const streams = wasm.headers.get("Content-Type") === "application/wasm";
  return streams ? WebAssembly.compileStreaming(wasm) : WebAssembly.compile(await wasm.arrayBuffer());
}

/** Rejects when the module cannot be linked or ends before it is ready. Does not wait for the kernel. */
export async function startEngine(module: WebAssembly.Module, kernel: Kernel): Promise<Engine> {
  const go = new host.Go();
  // The kernel needs the memory of the module, which needs the kernel's functions:
  // until the kernel is there, 0 says "not done" and Go computes for itself.
  let functions: KernelFunctions | null = null;
  const trampolines = Object.fromEntries(kernelFunctions.map((name) => [name, (...numbers: number[]) => functions?.[name](...numbers) ?? 0]));
  const instance = await WebAssembly.instantiate(module, { ...go.importObject, rakam: trampolines });
  const fast = instantiateKernel(kernel, instance).then((found) => {
    functions = found;
    return found !== null;
  });

  let end = () => {};
  const exited = new Promise<void>((resolve) => (end = resolve));
  const ready = new Promise<Rakam>((resolve) => (host.rakamReady = () => resolve(host.rakam)));
  const early = exited.then(() => Promise.reject(new EndedEarly()));
  go.run(instance).catch((error: unknown) => console.warn("rakam:", error)).then(end);
  const rakam = await Promise.race([ready, early]).finally(() => (host.rakamReady = undefined));
  return { rakam: watched(rakam, end), kernel: fast, exited };
}

/** The kernel's functions on the module's memory; null where there is no kernel, or no SIMD. */
async function instantiateKernel(kernel: Kernel, module: WebAssembly.Instance): Promise<KernelFunctions | null> {
  try {
    const bytes = await kernel;
    if (!bytes) return null;
    const { instance } = await WebAssembly.instantiate(bytes, { go: { mem: module.exports["mem"]! } });
    const found = instance.exports as KernelFunctions;
    return kernelFunctions.every((name) => typeof found[name] === "function") ? found : null;
  } catch {
    return null;
  }
}

/** The bridge, guarded: a trap in the module throws, and an ended one answers nothing. */
function watched(rakam: Rakam, end: () => void): Rakam {
  let alive = true;
  const guard =
    <A extends unknown[], R>(call: (...args: A) => R) =>
    (...args: A): R | BridgeError => {
      try {
        const answer = alive ? call(...args) : undefined;
        if (answer !== undefined) return answer;
      } catch (error) {
        console.warn("rakam:", error);
      }
      alive = false;
      end();
      return ended;
    };
  return { load: guard(rakam.load), classify: guard(rakam.classify), read: guard(rakam.read) };
}
