// Says how far the network has come in, or why it did not: in words, and with a
// button that tries again.

import type { Code, Failure, Part } from "./messages";
import { find, number, percent, t } from "./page";

const quietly = 300; // ms of loading that need no word

export class Loading {
  private readonly wait = find("#loading", HTMLElement);
  private readonly words = find("p", HTMLElement, this.wait);
  private readonly bar = find("progress", HTMLProgressElement, this.wait);
  private readonly failure = find("#failure", HTMLElement);
  private readonly reason = find("p", HTMLElement, this.failure);
  private readonly retry = find("#retry", HTMLElement);
  private timer = 0;
  private final = false; // only trying again helps
  private stale = false; // only a new page helps

  constructor(onRetry: () => void) {
    this.retry.addEventListener("click", () => (this.stale ? location.reload() : onRetry()));
  }

  progress(fraction: number, restarting: boolean): void {
    this.failure.hidden = true;
    this.words.textContent = t(restarting ? "draw.restarting" : "draw.progress", { percent: percent(fraction, 0) });
    this.bar.value = fraction;
    if (!this.wait.hidden || this.timer !== 0) return;
    this.timer = window.setTimeout(() => (this.wait.hidden = false), restarting ? 0 : quietly);
  }

  done(): void {
    window.clearTimeout(this.timer);
    this.timer = 0;
    this.wait.hidden = true;
    this.failure.hidden = true;
  }

  /** What could not be read has changed, so that it could not be is no news any more. */
  forgive(): void {
    if (!this.final) this.failure.hidden = true;
  }

  /** final: only trying again helps, and the button for it is shown. */
  failed(why: Failure, final: boolean): void {
    this.done();
    this.final = final;
    this.stale = why.reason === "stale";
    this.reason.textContent = explain(why);
    this.retry.textContent = t(this.stale ? "draw.reload" : "draw.retry");
    this.retry.hidden = !final || why.reason === "unsupported";
    this.failure.hidden = false;
  }
}

function explain(why: Failure): string {
  switch (why.reason) {
    case "unsupported":
      return t("draw.fail.unsupported");
    case "slow":
      return t("draw.fail.slow");
    case "died":
      return t("draw.fail.died");
    case "network":
      return t("draw.fail.network", { part: part(why.part) });
    case "http":
      return t("draw.fail.http", { part: part(why.part), status: why.status });
    case "stale":
      return t("draw.fail.stale");
    case "module":
      return t("draw.fail.module", { detail: detail(why) });
    case "weights":
      return t("draw.fail.weights", { detail: detail(why) });
    case "reading":
      return t("draw.fail.reading", { detail: detail(why) });
  }
}

// Of the digits it has nothing to say: the draw page does not fetch them.
function part(name: Part): string {
  return name === "module" ? t("draw.part.module") : t("draw.part.weights");
}

const details: Record<Code, string> = {
  compile: "draw.detail.compile",
  memory: "draw.detail.memory",
  ended: "draw.detail.ended",
  file: "draw.detail.file",
  size: "draw.detail.size",
  points: "draw.detail.points",
  // the rest are mistakes of ours, and all alike for who draws
  script: "draw.detail.mistake",
  argument: "draw.detail.mistake",
  model: "draw.detail.mistake",
  panic: "draw.detail.mistake",
};

function detail({ code, limit = 0 }: { code: Code; limit?: number | undefined }): string {
  return t(details[code], { limit: number(code === "size" ? limit / 2 ** 20 : limit) });
}
