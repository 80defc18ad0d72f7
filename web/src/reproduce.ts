// Has this browser read MNIST's test digits itself, and compares what it reads with
// the report, digit by digit and cell by cell.

import type { Examination, FromExaminer } from "./examiner";
import { whyNoScript } from "./files";
import type { Failure } from "./messages";
import { find, number, t } from "./page";

/** What the comparison needs of a report. */
interface Report {
  confusion: number[][];
  mistakes: { index: number; predicted: number }[];
}

type Done = Extract<FromExaminer, { kind: "done" }>;

const patience = 30_000; // ms without a word from the worker
const fetching = 0.2; // share of the bar
const whole = 10; // seconds from which on none are told in tenths
const listed = 10; // digits read otherwise that are named

const reasons: Partial<Record<Failure["reason"], string>> = {
  network: "confusion.here.failed.network",
  http: "confusion.here.failed.http",
  slow: "confusion.here.failed.slow",
  stale: "confusion.here.failed.stale",
};

export class Reproduction {
  private readonly root = find("#reproduce", HTMLElement);
  private readonly begin = find("#reproduce-begin", HTMLButtonElement, this.root);
  private readonly stop = find("#reproduce-stop", HTMLButtonElement, this.root);
  private readonly bar = find("progress", HTMLProgressElement, this.root);
  private readonly words = find("#reproduce-progress", HTMLElement, this.root);
  private readonly result = find("#reproduce-result", HTMLElement, this.root);
  private worker: Worker | null = null;
  private report: Promise<Report | null> = Promise.resolve(null);
  private alarm = 0;

  constructor() {
    this.root.hidden = false;
    this.begin.addEventListener("click", () => this.start());
    this.stop.addEventListener("click", () => this.end(t("confusion.here.stopped")));
  }

  private start(): void {
    const { worker: script = "", module = "", kernel = "", weights = "", images = "", labels = "", report = "" } = this.root.dataset;
    const worker = new Worker(script);
    this.worker = worker;
    this.show(true);
    this.result.textContent = "";
    this.progress(t("confusion.here.fetching"), 0);
    this.stop.focus({ preventScroll: true }); // the other button is gone
    worker.addEventListener("message", ({ data }: MessageEvent<FromExaminer>) => {
      if (worker === this.worker) void this.hear(data);
    });
    worker.addEventListener("error", async (event) => {
      event.preventDefault();
      const failure: Failure = event.message ? { reason: "module", code: "script" } : await whyNoScript(script);
      if (worker === this.worker) this.fail(failure);
    });
    this.expect();
    this.report = fetchReport(report);
    const examination: Examination = { module, kernel, weights, images, labels };
    worker.postMessage(examination);
  }

  private async hear(message: FromExaminer): Promise<void> {
    this.expect();
    switch (message.kind) {
      case "fetched":
        return this.progress(t("confusion.here.fetching"), fetching * message.fraction);
      case "read": {
        const { count, of } = message;
        return this.progress(t("confusion.here.reading", { count: number(count), of: number(of) }), fetching + (1 - fetching) * (count / of));
      }
      case "failed":
        return this.fail(message.failure);
      case "done": {
        const { worker } = this;
        const report = await this.report;
        if (worker !== this.worker) return;
        if (report) this.end(this.compared(message, report));
        else this.fail({ reason: "network", part: "digits" });
      }
    }
  }

  /** In words: what this browser read, and whether the report says the same. */
  private compared({ labels, readings, milliseconds }: Done, { confusion, mistakes }: Report): string {
    const reported = labels.slice(); // a digit that is no mistake was read as it is labelled
    for (const { index, predicted } of mistakes) reported[index] = predicted;
    const cells = confusion.map((row) => row.map(() => 0));
    labels.forEach((label, i) => cells[label]![readings[i]!]!++);
    const wrong = readings.filter((digit, i) => digit !== labels[i]).length;
    const other = [...readings.keys()].filter((i) => readings[i] !== reported[i]);
    const seconds = milliseconds / 1000;
    const read = t("confusion.here.read", {
      version: this.root.dataset["version"] ?? "",
      samples: number(readings.length),
      wrong: number(wrong),
      seconds: number(seconds, seconds < whole ? 1 : 0),
      each: number(milliseconds / readings.length, 2),
    });
    if (other.length > 0) {
      const which = other.slice(0, listed).join(", ") + (other.length > listed ? ", …" : "");
      return `${read} ${t("confusion.here.other", { count: number(other.length), which })}`;
    }
    const same = String(cells) === String(confusion);
    return `${read} ${t(same ? "confusion.here.same" : "confusion.here.cells")}`;
  }

  private progress(words: string, fraction: number): void {
    this.words.textContent = words;
    this.bar.value = fraction;
  }

  private expect(): void {
    window.clearTimeout(this.alarm);
    this.alarm = window.setTimeout(() => this.fail({ reason: "slow" }), patience);
  }

  private fail(failure: Failure): void {
    this.end(t(reasons[failure.reason] ?? "confusion.here.failed.module", { status: failure.reason === "http" ? failure.status : 0 }));
  }

  private end(result: string): void {
    window.clearTimeout(this.alarm);
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

async function fetchReport(address: string): Promise<Report | null> {
  const answer = await fetch(address).catch(() => null);
  return answer?.ok ? ((await answer.json().catch(() => null)) as Report | null) : null;
}
