// What every page's script needs: its strings, and numbers the way its language writes them.

let strings: Record<string, string> | undefined; // read when the first is asked for: a script may run before they are there

export const lang = document.documentElement.lang === "tr" ? "tr" : "en";

/** Asks for a page, or more of this one, in this one's language whatever was chosen elsewhere since. */
export async function fetchPage(url: string): Promise<Document> {
  const answer = await fetch(url, { headers: { Accept: "text/html", "Rakam-Language": lang } });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** The string of the page's catalogue under key, with each {name} replaced. */
export function t(key: string, values: Record<string, string | number> = {}): string {
  const element = document.getElementById("strings");
  if (element) strings ??= JSON.parse(element.textContent || "{}") as Record<string, string>;
  const text = strings?.[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** A number with a fixed count of decimals: "0,41" in Turkish, "0.41" in English. */
export function number(value: number, digits = 0): string {
  return value.toLocaleString(lang, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A fraction as a percentage: "%98,4" in Turkish, "98.4 %" in English. */
export function percent(fraction: number, digits = 1): string {
  const figure = number(fraction * 100, digits);
  return lang === "tr" ? `%${figure}` : `${figure}\u00a0%`;
}

/** "4 and 9" in English, "4 ve 9" in Turkish. */
export function list(values: readonly (string | number)[]): string {
  return new Intl.ListFormat(lang).format(values.map(String));
}

/** The element that the page's template promises. */
export function find<E extends Element>(selector: string, kind: new () => E, root: ParentNode = document): E {
  const element = root.querySelector(selector);
  if (!(element instanceof kind)) throw new Error(`the page has no ${selector}`);
  return element;
}
