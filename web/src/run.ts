// The page of a run: the curves draw themselves, and what the server says about
// the run is renewed when its state changes.

import { LearningCurve, type History } from "./curve";
import { gathered, renew } from "./fragment";
import { Live } from "./live";
import { find, number, percent, t } from "./page";
import { markPromotions } from "./promote";
import { duration, localTimes, timeOfDay } from "./times";

interface Epoch {
  epoch: number;
  loss: number;
  accuracy: number;
  val_loss: number;
  val_accuracy: number;
  seconds: number;
}

interface Progress {
  epoch: number;
  epochs: number;
  step: number;
  steps: number;
  remaining: number;
  images_per_second: number;
}

interface LogLine {
  time: string;
  text: string;
  what?: string;
  values?: Record<string, string | number>;
}

const spoken = 5_000; // ms between two announcements, so that nobody is talked over
const logged = 500; // lines kept on the page

const page = find("#run", HTMLElement);
const epochs = Number(page.dataset["epochs"]);
const watched = page.dataset["watched"] === "test" ? t("run.watched.test") : t("run.watched.validation");
const history = new Map<number, Epoch>();
const curves = new Map<string, LearningCurve>();

function readTable(): void {
  for (const { dataset } of document.querySelectorAll<HTMLElement>("#history-table tr[data-epoch]")) {
    const value = (name: string) => Number(dataset[name]);
    history.set(value("epoch"), {
      epoch: value("epoch"),
      loss: value("loss"),
      accuracy: value("accuracy") / 100, // the table is in percent
      val_loss: value("valLoss"),
      val_accuracy: value("valAccuracy") / 100,
      seconds: value("seconds"),
    });
  }
}

const inOrder = () => [...history.values()].sort((a, b) => a.epoch - b.epoch);

function histories(): Record<string, History> {
  const all = inOrder();
  const numbers = all.map(({ epoch }) => epoch);
  const names = { train: t("run.curves.train"), test: watched };
  const state = document.getElementById("standing")?.dataset["state"];
  const room = state === "queued" || state === "running" ? { planned: epochs } : {};
  const common = { epochs: numbers, names, ...room };
  return {
    loss: { ...common, train: all.map(({ loss }) => loss), test: all.map(({ val_loss }) => val_loss), digits: 4, floor: 0 },
    accuracy: {
      ...common,
      train: all.map(({ accuracy }) => 100 * accuracy),
      test: all.map(({ val_accuracy }) => 100 * val_accuracy),
      digits: 2,
      ceiling: 100,
    },
  };
}

function drawCurves(): void {
  const all = histories();
  for (const figure of document.querySelectorAll<HTMLElement>("figure[data-chart]")) {
    const name = figure.dataset["chart"] ?? "";
    const data = all[name];
    if (!data) continue;
    const curve = curves.get(name);
    if (curve) curve.update(data);
    else curves.set(name, new LearningCurve(figure, data));
  }
}

function cell(row: HTMLTableRowElement, text: string): void {
  row.insertCell().textContent = text;
}

function fillTable(): void {
  const body = document.querySelector<HTMLTableSectionElement>("#history-table tbody");
  if (!body) return;
  body.replaceChildren();
  for (const epoch of inOrder()) {
    const row = body.insertRow();
    const head = document.createElement("th");
    head.scope = "row";
    head.className = "name";
    head.textContent = number(epoch.epoch);
    row.append(head);
    cell(row, number(epoch.loss, 4));
    cell(row, number(epoch.val_loss, 4));
    cell(row, number(100 * epoch.accuracy, 2));
    cell(row, number(100 * epoch.val_accuracy, 2));
    cell(row, number(epoch.seconds, 1));
  }
}

function showChange(): void {
  const [before, after] = inOrder().slice(-2);
  const line = document.getElementById("change");
  if (!line || !before || !after) return;
  const shown = (accuracy: number) => Number((100 * accuracy).toFixed(2));
  const points = shown(after.val_accuracy) - shown(before.val_accuracy);
  const loss = t("run.change.loss", { epoch: after.epoch, before: number(before.loss, 4), after: number(after.loss, 4) });
  const accuracy = t("run.change.accuracy", {
    watched,
    before: percent(before.val_accuracy, 2),
    after: percent(after.val_accuracy, 2),
    change: (points > 0 ? "+" : "") + number(points, 2).replace("-", "−"),
  });
  line.textContent = `${loss}, ${accuracy}`;
}

/** Speaks now, or when the last word is old enough, and then only the newest. */
class Announcer {
  private readonly element = find("#announcement", HTMLElement);
  private readonly wait = gathered(() => {
    if (this.unsaid) this.say();
  }, spoken);
  private text = "";
  private unsaid = false;
  private last = -Infinity;

  announce(text: string): void {
    this.text = text;
    this.unsaid = true;
    if (performance.now() - this.last >= spoken) this.say();
    else this.wait();
  }

  /** Speaks at once; what waited is old. */
  now(text: string): void {
    this.text = text;
    this.say();
  }

  private say(): void {
    this.last = performance.now();
    this.unsaid = false;
    this.element.textContent = this.text;
  }
}

const announcer = new Announcer();
const showHistory = gathered(() => {
  document.getElementById("waiting")?.remove();
  drawCurves();
  fillTable();
  showChange();
}, 50);

function onEpoch(data: unknown): void {
  const epoch = data as Epoch;
  const known = history.has(epoch.epoch);
  history.set(epoch.epoch, epoch);
  showHistory();
  const running = document.getElementById("standing")?.dataset["state"] === "running";
  if (known || !running) return;
  if (epoch.epoch === epochs) measuring();
  announcer.announce(t("run.announce.epoch", { epoch: epoch.epoch, epochs, accuracy: percent(epoch.val_accuracy, 2) }));
}

function set(id: string, text: string): void {
  const element = document.getElementById(id);
  if (element) element.textContent = text;
}

/** The last epoch is done; the run isn't yet. */
function measuring(): void {
  const bar = document.querySelector<HTMLProgressElement>("#progress");
  if (bar) bar.value = 1;
  set("epoch-words", t("run.measuring", { epochs }));
  for (const id of ["step", "remaining", "throughput"]) set(id, "");
  const stop = document.getElementById("stop");
  if (stop && stop === document.activeElement) {
    const part = find("#standing", HTMLElement);
    part.tabIndex = -1;
    part.focus({ preventScroll: true }); // which would be lost
  }
  for (const id of ["stop", "stop-hint"]) document.getElementById(id)?.remove(); // it is too late
}

function onProgress(data: unknown): void {
  const { epoch, step, steps, remaining, images_per_second } = data as Progress;
  if (history.has(epoch)) return; // it came late
  const bar = document.querySelector<HTMLProgressElement>("#progress");
  if (bar) bar.value = (epoch - 1 + step / Math.max(steps, 1)) / epochs;
  const cancelling = document.getElementById("standing")?.dataset["cancelling"] === "true";
  if (!cancelling) set("epoch-words", t("run.running", { epoch, epochs }));
  set("step", t("run.step", { step: number(step), steps: number(steps) }));
  set("remaining", cancelling ? "" : t("run.remaining", { time: duration(remaining) }));
  set("throughput", t("run.throughput", { images: number(images_per_second) }));
}

/** A line of the log in the language of the page, if it is one that the page knows. */
function saying(what: string | undefined, values: Record<string, string | number>): string | undefined {
  const written: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    if (name === "accuracy") written[name] = percent(Number(value), 2);
    else if (name === "verdict") written[name] = t("run.log.verdict." + value);
    else written[name] = typeof value === "number" ? number(value) : value;
  }
  const text = t("run.log." + what, written);
  return text.includes("run.log.") ? undefined : text; // t answers the key of what it lacks
}

function onLog(data: unknown): void {
  const { time, text, what, values = {} } = data as LogLine;
  const log = find("#log", HTMLElement);
  const line = document.createElement("li");
  const when = document.createElement("span");
  when.className = "at";
  when.textContent = timeOfDay(time);
  line.append(when, " ", saying(what, values) ?? text);
  const follows = log.scrollTop + log.clientHeight >= log.scrollHeight - 4;
  log.append(line);
  while (log.childElementCount > logged) log.firstElementChild?.remove();
  if (follows) log.scrollTop = log.scrollHeight;
}

const standing = gathered(() => {
  renew("standing", "settings-list", "champion", "curve-loss", "curve-accuracy").then( // the curves for paper
    () => {
      drawCurves(); // without room for more, once it is over
      showChange();
      announcer.now(find("#standing .lede", HTMLElement).textContent?.trim() ?? "");
    },
    () => {}, // the next event asks again
  );
}, 200);

localTimes();
markPromotions(find("#announcement", HTMLElement));
readTable();
drawCurves();
new Live(
  `/api/v1/runs/${page.dataset["run"]}/events`,
  { epoch: onEpoch, progress: onProgress, log: onLog, state: standing },
  (connected) => {
    const lost = document.getElementById("lost");
    if (lost) lost.hidden = connected;
  },
);
