// Has this browser read MNIST's test digits itself, and compares what it reads with
// the report, digit by digit.

import type { Examination, FromExaminer } from "./examiner";
import { find, number, t } from "./page";

/** What the comparison needs of a report. */
interface Report {
  mistakes: { index: number; predicted: number }[];
}

const seconds = 10_000; // ms of reading from which on it is told without decimals

export class Reproduction {
  private readonly root = find("#reproduce", HTMLElement);
  private readonly begin = find("#reproduce-begin", HTMLButtonElement, this.root);
  private readonly stop = find("#reproduce-stop", HTMLButtonElement, this.root);
  private readonly bar = find("progress", HTMLProgressElement, this.root);
  private readonly words = find("#reproduce-progress", HTMLElement, this.root);
  private readonly result = find("#reproduce-result", HTMLElement, this.root);
  private worker: Worker | null = null;

  constructor() {
    this.root.hidden = false;
    this.begin.addEventListener("click", () => this.start());
    this.stop.addEventListener("click", () => {
      this.end(t("confusion.here.stopped"));
    });
  }

  private start(): void {
    const { worker: script = "", module = "", kernel = "", weights = "", images = "", labels = "" } = this.root.dataset;
    const worker = new Worker(script);
    this.worker = worker;
    this.show(true);
    this.result.textContent = "";
    this.progress(t("confusion.here.fetching"), 0);
    this.stop.focus({ preventScroll: true }); // the other button is gone
    worker.addEventListener("message", ({ data }: MessageEvent<FromExaminer>) => {
      if (worker === this.worker) void this.hear(data);
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      if (worker === this.worker) this.end(t("confusion.here.failed.module"));
    });
    const examination: Examination = { module, kernel, weights, images, labels };
    worker.postMessage(examination);
  }

  private async hear(message: FromExaminer): Promise<void> {
    switch (message.kind) {
      case "fetched":
        return this.progress(t("confusion.here.fetching"), 0);
      case "read":
        return this.progress(t("confusion.here.reading", { count: number(message.count), of: number(message.of) }), message.count / message.of);
      case "failed":
        return this.end(t(`confusion.here.failed.${message.reason}`));
      case "done": {
        const { worker } = this;
        const report = await this.report();
        if (worker !== this.worker) return;
        this.end(report ? compared(message, report) : t("confusion.here.failed.network"));
      }
    }
  }

  private async report(): Promise<Report | null> {
    const answer = await fetch(this.root.dataset["report"] ?? "").catch(() => null);
    return answer?.ok ? ((await answer.json().catch(() => null)) as Report | null) : null;
  }

  private progress(words: string, fraction: number): void {
    this.words.textContent = words;
    this.bar.value = fraction;
  }

  private end(result: string): void {
    this.worker?.terminate();
    this.worker = null;
    const focused = document.activeElement === this.stop;
    this.show(false);
    this.result.textContent = result;
    if (focused) this.begin.focus({ preventScroll: true });
  }

  private show(running: boolean): void {
    this.begin.hidden = running;
    find(".running", HTMLElement, this.root).hidden = !running;
  }
}

/** In words: what this browser read, and whether the report says the same. */
function compared({ labels, readings, milliseconds }: { labels: Uint8Array; readings: Uint8Array; milliseconds: number }, report: Report): string {
  const reported = labels.slice(); // a digit that is no mistake was read as it is labelled
  for (const { index, predicted } of report.mistakes) reported[index] = predicted;
  const wrong = readings.filter((digit, i) => digit !== labels[i]).length;
  const all = [...readings.keys()];
  const other = all.filter((i) => readings[i] !== reported[i]);
  const read = t("confusion.here.read", {
    samples: number(readings.length),
    wrong: number(wrong),
    seconds: number(milliseconds / 1000, milliseconds < seconds ? 1 : 0),
    each: number(milliseconds / readings.length, 2),
  });
  if (other.length === 0) return `${read} ${t("confusion.here.same")}`;
  return `${read} ${t("confusion.here.other", { count: number(other.length), which: other.slice(0, 10).join(", ") })}`;
}
