// Moments in the reader's own time zone, and durations in words.

import { lang, t } from "./page";

const moment = new Intl.DateTimeFormat(lang === "tr" ? "tr" : "en-GB", { dateStyle: "medium", timeStyle: "short" });
const clock = new Intl.DateTimeFormat(lang === "tr" ? "tr" : "en-GB", { timeStyle: "medium" });

/** The server wrote the times of a page in its own zone. */
export function localTimes(root: ParentNode = document): void {
  for (const time of root.querySelectorAll("time")) time.textContent = moment.format(new Date(time.dateTime));
}

export function timeOfDay(iso: string): string {
  return clock.format(new Date(iso));
}

export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole >= 3600) return t("common.time.h", { h: Math.floor(whole / 3600), m: Math.floor((whole % 3600) / 60) });
  if (whole >= 60) return t("common.time.m", { m: Math.floor(whole / 60), s: whole % 60 });
  return t("common.time.s", { s: whole });
}
