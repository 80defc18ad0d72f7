// The draw page: a pad, a reader, and what is shown of a reading.

import { Answer } from "./answer";
import type { BridgeReading, LoadedModel } from "./bridge";
import { Champion } from "./champion";
import { Correction } from "./correction";
import { Drawing } from "./drawing";
import { keep, kept } from "./keep";
import { Launch } from "./launch";
import { fromFragment } from "./link";
import { Loading } from "./loading";
import type { Failure } from "./messages";
import { Network } from "./network";
import { keepForOffline } from "./offline";
import { Pad } from "./pad";
import { find, number, t } from "./page";
import { Reader } from "./reader";
import { Replay } from "./replay";
import { Share } from "./share";
import { Versions } from "./versions";

// What reading takes begins to come while the page is still parsed and laid out.
const { worker = "", module = "", kernel = "", weights = "" } = find("script[data-worker]", HTMLScriptElement).dataset;
const ahead = Launch.possible ? new Launch(worker, { module, kernel, weights }) : null;
const happens = (target: EventTarget, event: string) => new Promise((happened) => target.addEventListener(event, happened, { once: true }));
const style = find("link[rel=stylesheet]", HTMLLinkElement);
const styled = style.sheet || document.readyState === "complete" ? null : Promise.race([happens(style, "load"), happens(window, "load")]); // the latter also without it
if (document.readyState === "loading") await happens(document, "readystatechange");
await styled;

const page = document.documentElement;
const { version: first = "", pinned } = find("#draw", HTMLElement).dataset;
const undo = find("#undo", HTMLButtonElement);
const clear = find("#clear", HTMLButtonElement);
const latency = find("#latency", HTMLElement);
const swap = find("#swap", HTMLElement);
const broken = find("#broken", HTMLElement);

const idle = 1_000; // ms after which a page that can read is not busy any more

let offline = false; // the failure was the network's, and it may come back
let version = first; // that reads
let restarted = false; // the worker died, and what it was told may be lost
let champion: Champion | null = null;
let replay: Replay | null = null;

const drawing = new Drawing();
const surface = find("#pad", HTMLElement);
const loading = new Loading(() => {
  surface.focus({ preventScroll: true }); // the button goes away
  reader.start();
});
const reader = new Reader(worker, { module, kernel, weights }, drawing, {
  loading(fraction, restarting) {
    page.dataset.ready = "false";
    restarted = restarting;
    loading.progress(fraction, restarting);
  },
  ready(model) {
    offline = false;
    loading.done();
    network.lay(model);
    page.dataset.ready = "true";
    if (restarted) void champion?.look();
    else window.setTimeout(() => void keepPage(), idle);
  },
  read: showReading,
  swapped,
  unread(why) {
    hideReading(); // an answer to an older drawing would look like one to this
    loading.failed(why, false);
  },
  failed,
});
reader.start(ahead); // what it has to say it says when the parts below are there

const answer = new Answer();
const network = new Network();
const pad = new Pad(surface, drawing, changed);
const share = new Share(drawing);
const correction = new Correction(surface, drawing, () => version);
const versions = new Versions(() => {
  swap.textContent = t("draw.version.offline");
  addEventListener("online", () => (swap.textContent = ""), { once: true });
});

function failed(why: Failure): void {
  page.dataset.ready = "false";
  hideReading();
  offline = why.reason === "network" || why.reason === "slow";
  loading.failed(why, true);
}

/** The champion has changed, and its weights are in the worker or are not. */
function swapped(model: LoadedModel | null, next = version): void {
  if (model) {
    versions.crown(next, version);
    version = next;
    network.lay(model);
    const link = document.querySelector<HTMLAnchorElement>("#champion");
    if (link) {
      link.textContent = version;
      link.href = `/report/${version}`;
    }
  }
  swap.textContent = t(model ? "draw.swapped" : "draw.kept", { version });
}

function changed(time: number): void {
  const focused = document.activeElement;
  correction.reset(drawing.blank);
  share.reset();
  broken.hidden = true;
  undo.disabled = !drawing.undoable;
  clear.disabled = drawing.blank;
  if (focused instanceof HTMLButtonElement && focused.disabled) surface.focus({ preventScroll: true }); // it cannot keep the focus
  loading.forgive();
  if (drawing.blank) {
    hideReading();
    answer.sayBlank();
  } else {
    reader.want(time);
  }
}

function hideReading(): void {
  answer.clear();
  network.clear();
  correction.withdraw();
  latency.textContent = "";
}

function showReading(reading: BridgeReading, time: number, milliseconds: number): void {
  if (drawing.blank) return; // cleared in the meantime
  loading.done();
  network.show(reading);
  if (reading.verdict === "little" && (drawing.penDown || reader.behind)) {
    answer.wait();
  } else {
    answer.show(reading);
    if (reading.verdict === "little") correction.withdraw(); // there is nothing to learn from
    else correction.offer(reading);
  }
  const read = number(milliseconds, 1);
  const shown = Math.max(0, performance.now() - time);
  latency.textContent = Number.isNaN(time) ? t("draw.latency.read", { read }) : t("draw.latency", { read, shown: number(shown) });
}

undo.addEventListener("click", (event) => pad.undo(event.timeStamp));
clear.addEventListener("click", (event) => pad.clear(event.timeStamp));
document.addEventListener("keydown", (event) => {
  const undoKeys = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
  if (!undoKeys && !(event.key === "Escape" && clears(event.target))) return;
  event.preventDefault();
  if (undoKeys) pad.undo(event.timeStamp);
  else pad.clear(event.timeStamp);
});
addEventListener("online", () => {
  if (offline) reader.start();
});

/** Whether Escape means the pad there: elsewhere it closes lists, or means nothing. */
function clears(target: EventTarget | null): boolean {
  return target === document.body || (target instanceof Node && find(".sheet", HTMLElement).contains(target));
}

for (const event of ["pagehide", "visibilitychange"]) { // a page that is hidden may be ended without a word
  const keepAll = () => {
    if (event === "pagehide" || document.hidden) replay?.finish();
    keep(drawing.strokes);
  };
  addEventListener(event, keepAll, { capture: true });
}

/** Once this page has nothing better to do. */
async function keepPage(): Promise<void> {
  if (await keepForOffline()) return;
  swap.textContent = t("draw.offline");
  addEventListener("online", reached, { once: true });
}

function reached(): void {
  if (swap.textContent === t("draw.offline")) swap.textContent = "";
}

/** Draws what the address has, instead of what is on the pad, which undo brings back. */
function takeLink(): void {
  const sent = fromFragment(location.hash);
  if (sent === undefined) return;
  history.replaceState(null, "", location.pathname + location.search); // a reload shows what is drawn by then
  replay?.finish();
  if (sent === null) {
    broken.hidden = false;
    return;
  }
  pad.clear(NaN);
  replay = new Replay(drawing, sent, (time) => pad.changed(time));
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) replay.finish();
  else replay.start();
}

pad.restore(kept(), NaN);
takeLink();
addEventListener("hashchange", takeLink);
for (const event of ["pointerdown", "keydown", "click", "blur"]) { // who does something does not wait for it; a pad without focus lifts the pen
  document.addEventListener(event, () => replay?.finish(), { capture: true });
}
if (pinned === undefined) {
  champion = new Champion(
    (address) => reader.knows(address),
    (next, bytes, address) => reader.swap(next, bytes, address),
    () => swapped(null),
    reached,
  );
}
