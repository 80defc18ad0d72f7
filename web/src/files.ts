// Fetches what reading takes, all at once: the module, which is compiled while it
// arrives, its kernel and the weights. The page does it, because the worker that needs
// them starts later.

import { compileModule } from "./engine";
import { Failed, refused, type Failure, type Sources } from "./messages";

declare const MODULE_BYTES: number; // size of the module, set by the build

const usualWeights = 1e6; // bytes, for the progress alone

/** Shares of the wait, for the progress that is shown. */
const share = { module: 0.75, weights: 0.25 };

type Counted = keyof typeof share;

/** Module and weights reject with Failed. */
export interface Files {
  module: Promise<WebAssembly.Module>;
  /** Null when it does not come: without it the module is slower, not broken. */
  kernel: Promise<ArrayBuffer | null>;
  weights: Promise<ArrayBuffer>;
}

/** progress is told which fraction of all has come, from 0 to 1, whenever something has. */
export function fetchFiles(sources: Sources, signal: AbortSignal, progress: (fraction: number) => void): Files {
  const arrived = { module: 0, weights: 0 };

  function came(part: Counted, fraction: number): void {
    arrived[part] = Math.min(1, fraction);
    progress(share.module * arrived.module + share.weights * arrived.weights);
  }

  async function download<T>(part: Counted, usual: number, take: (body: Response) => Promise<T>, whyNot?: (error: unknown) => Failure): Promise<T> {
    const network: Failure = { reason: "network", part };
    const response = await fetch(sources[part], { signal }).catch(() => {
      throw new Failed(network);
    });
    if (!response.ok) throw new Failed(refused(part, response.status));
    let cut = false; // on its way
    const body = counted(response, (bytes) => came(part, bytes / usual), () => (cut = true));
    const taken = await take(body).catch((error: unknown) => {
      throw new Failed(cut || !whyNot ? network : whyNot(error));
    });
    if (cut) throw new Failed(network);
    came(part, 1);
    return taken;
  }

  return {
    module: download("module", MODULE_BYTES, compileModule, (error) => {
      console.warn("rakam:", error);
      return { reason: "module", code: error instanceof RangeError ? "memory" : "compile" };
    }),
    kernel: fetch(sources.kernel, { signal })
      .then((response) => (response.ok ? response.arrayBuffer() : null))
      .catch(() => null),
    weights: download("weights", usualWeights, (body) => body.arrayBuffer()),
  };
}

/** Asks again for the script of a worker that did not arrive, which the browser does not give a reason for. */
export async function whyNoScript(script: string): Promise<Failure> {
  const answer = await fetch(script, { method: "HEAD" }).catch(() => null);
  return answer && !answer.ok ? refused("module", answer.status) : { reason: "network", part: "module" };
}

/**
 * The same response, with its bytes counted as they arrive. One that is cut ends early:
 * an error would be told in Firefox's console, also when somebody just leaves the page.
 */
function counted(response: Response, arrived: (bytes: number) => void, cut: () => void): Response {
  const reader = response.body?.getReader();
  let bytes = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await reader?.read().catch(cut);
      if (!next?.value) return controller.close();
      bytes += next.value.length;
      arrived(bytes);
      controller.enqueue(next.value);
    },
  });
  return new Response(body, { headers: { "Content-Type": response.headers.get("Content-Type") ?? "" } });
}
