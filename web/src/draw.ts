// The draw page: a pad, a reader, and what is shown of a reading.

import { Answer } from "./answer";
import type { BridgeReading } from "./bridge";
import { Loading } from "./loading";
import type { Failure } from "./messages";
import { Network } from "./network";
import { Pad } from "./pad";
import { find, number, t } from "./page";
import { Reader } from "./reader";

const page = document.documentElement;
const { worker = "", module = "", kernel = "", weights = "" } = find("#draw", HTMLElement).dataset;
const undo = find("#undo", HTMLButtonElement);
const clear = find("#clear", HTMLButtonElement);
const latency = find("#latency", HTMLElement);

const answer = new Answer();
const network = new Network();
const surface = find("#pad", HTMLElement);
const pad = new Pad(surface, changed);
const loading = new Loading(() => {
  surface.focus({ preventScroll: true }); // the button goes away
  reader.start();
});
const reader = new Reader(worker, { module, kernel, weights }, pad.drawing, {
  loading(fraction, restarting) {
    page.dataset.ready = "false";
    loading.progress(fraction, restarting);
  },
  ready({ layers }) {
    loading.done();
    network.lay(layers);
    page.dataset.ready = "true";
  },
  read: showReading,
  unread: (why) => loading.failed(why, false),
  failed,
});

let offline = false; // the failure was the network's, and it may come back

function failed(why: Failure): void {
  page.dataset.ready = "false";
  offline = why.reason === "network" || why.reason === "slow";
  loading.failed(why, true);
}

function changed(time: number): void {
  undo.disabled = !pad.drawing.undoable;
  clear.disabled = pad.drawing.blank;
  if (pad.drawing.blank) showBlank();
  else reader.want(time);
}

function showBlank(): void {
  answer.clear();
  network.clear();
  latency.textContent = "";
}

function showReading(reading: BridgeReading, time: number, milliseconds: number): void {
  if (pad.drawing.blank) return; // cleared in the meantime
  loading.done();
  answer.show(reading);
  network.show(reading);
  const shown = Math.max(0, performance.now() - time);
  latency.textContent = t("draw.latency", { read: number(milliseconds, 1), shown: number(shown) });
}

undo.addEventListener("click", (event) => pad.undo(event.timeStamp));
clear.addEventListener("click", (event) => pad.clear(event.timeStamp));
document.addEventListener("keydown", (event) => {
  const undoKeys = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
  if (!undoKeys && event.key !== "Escape") return;
  event.preventDefault();
  if (undoKeys) pad.undo(event.timeStamp);
  else pad.clear(event.timeStamp);
});
addEventListener("online", () => {
  if (offline) reader.start();
});

reader.start();
