// Says how far the network has come in, or why it did not: in words, and with a
// button that tries again.

import type { Failure } from "./messages";
import { find, percent, t } from "./page";

const quietly = 300; // ms of loading that need no word

export class Loading {
  private readonly wait = find("#loading", HTMLElement);
  private readonly words = find("p", HTMLElement, this.wait);
  private readonly bar = find("progress", HTMLProgressElement, this.wait);
  private readonly failure = find("#failure", HTMLElement);
  private readonly reason = find("p", HTMLElement, this.failure);
  private readonly retry = find("#retry", HTMLElement);
  private timer = 0;

  constructor(onRetry: () => void) {
    this.retry.addEventListener("click", onRetry);
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

  /** final: only trying again helps, and the button for it is shown. */
  failed(why: Failure, final: boolean): void {
    this.done();
    this.reason.textContent = explain(why);
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
    case "module":
      return t("draw.fail.module", { detail: why.detail });
    case "weights":
      return t("draw.fail.weights", { detail: why.detail });
    case "reading":
      return t("draw.fail.reading", { detail: why.detail });
  }
}

function part(name: "module" | "weights"): string {
  return name === "module" ? t("draw.part.module") : t("draw.part.weights");
}
