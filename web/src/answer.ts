// Shows a reading: the numeral, the word under it, the ten bars, and what a screen
// reader says once the pen rests.

import type { BridgeReading } from "./bridge";
import { find, list, percent, t } from "./page";

const settled = 600; // ms without a change after which a reading is announced

const certain = 0.9; // nine to one, from which on a reading is called so, if no other digit has more than one in ten

export class Answer {
  private readonly answer = find("#answer", HTMLElement);
  private readonly numeral = find(".numeral", HTMLElement, this.answer);
  private readonly word = find(".word", HTMLElement, this.answer);
  private readonly announcement = find("#announcement", HTMLElement);
  private readonly bars = Array.from({ length: 10 }, (_, digit) => new Bar(digit));
  private timer = 0;
  private shown = false; // a reading, since the pad was blank

  show(reading: BridgeReading): void {
    this.shown = true;
    const digit = reading.digit < 0 ? "" : String(reading.digit);
    this.set(digit, reading.verdict, digit || "?", words(reading));
    if (reading.verdict === "little") this.bars.forEach((bar) => bar.clear()); // nothing was asked
    else this.bars.forEach((bar, i) => bar.show(reading.values[i] ?? 0, String(i) === digit));
    this.announce(spoken(reading));
  }

  /** A drawing that has only just been begun: too little ink is no news yet. */
  wait(): void {
    this.set("", "little", "", "");
    this.bars.forEach((bar) => bar.clear());
    window.clearTimeout(this.timer);
  }

  /** Says that the pad is blank, if it was not. */
  sayBlank(): void {
    if (this.shown) this.announce(t("draw.announce.blank"));
    this.shown = false;
  }

  /** Shows nothing, and says nothing. */
  clear(): void {
    this.set("", "blank", "", "");
    this.bars.forEach((bar) => bar.clear());
    window.clearTimeout(this.timer);
  }

  private set(digit: string, verdict: string, numeral: string, word: string): void {
    this.answer.dataset.digit = digit;
    this.answer.dataset.verdict = verdict;
    this.numeral.textContent = numeral;
    this.word.textContent = word;
  }

  private announce(text: string): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => (this.announcement.textContent = text), settled);
  }
}

function words(reading: BridgeReading): string {
  const { verdict, candidates, shapes } = reading;
  const [a, b] = candidates;
  switch (verdict) {
    case "blank":
      return "";
    case "little":
      return t("draw.word.little");
    case "several":
      return t("draw.word.several", { digits: list(candidates) });
    case "none":
      return shapes > 1 ? t("draw.word.shapes", { shapes }) : t("draw.word.none");
    case "digit":
      return t(isCertain(reading) ? "draw.word.digit" : "draw.word.likely");
    case "unsure":
      return a === undefined || b === undefined ? t("draw.word.guess") : t("draw.word.unsure", { a, b });
  }
}

function isCertain({ digit, values }: BridgeReading): boolean {
  return values.subarray(0, 10).every((value, i) => (i === digit ? value >= certain : value <= 1 - certain));
}

function spoken(reading: BridgeReading): string {
  const { verdict, digit, candidates, shapes, values } = reading;
  const [a, b] = candidates;
  switch (verdict) {
    case "blank":
      return t("draw.announce.blank");
    case "little":
      return t("draw.announce.little");
    case "several":
      return t("draw.announce.several", { digits: list(candidates) });
    case "none":
      return shapes > 1 ? t("draw.announce.shapes", { shapes }) : t("draw.announce.none");
    case "digit":
      return t("draw.announce.digit", { digit, percent: percent(values[digit] ?? 0) });
    case "unsure":
      return a === undefined || b === undefined ? t("draw.announce.guess", { digit }) : t("draw.announce.unsure", { a, b });
  }
}

class Bar {
  private readonly row: HTMLElement;
  private readonly value: HTMLElement;

  constructor(digit: number) {
    this.row = find(`[data-class="${digit}"]`, HTMLElement);
    this.value = find(".value", HTMLElement, this.row);
  }

  show(probability: number, first: boolean): void {
    this.row.dataset.probability = probability.toFixed(6);
    this.row.style.setProperty("--probability", probability.toFixed(4));
    this.row.toggleAttribute("data-first", first);
    this.value.textContent = percent(probability);
  }

  clear(): void {
    this.show(0, false);
    this.value.textContent = "";
  }
}
