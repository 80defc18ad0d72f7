// The training page: says what the run in the form will cost, and keeps the list
// of runs as it is on the server.

import { gathered, renew } from "./fragment";
import { Live } from "./live";
import { number, t } from "./page";
import { duration, localTimes } from "./times";

interface Estimate {
  seconds_per_epoch: number;
  seconds: number;
  source: "run" | "calibration";
  measuring_seconds?: number;
}

const thinking = 400; // ms without a key after which the cost is asked for

function setUpCost(form: HTMLFormElement, cost: HTMLElement): void {
  let asked = 0;
  const ask = async () => {
    const mine = ++asked;
    if (!countable(form)) {
      cost.textContent = t("train.cost.wrong");
      return;
    }
    const values = new FormData(form);
    const query = new URLSearchParams({ epochs: String(values.get("epochs")).trim(), batch_size: String(values.get("batch_size")).trim() });
    if (values.has("corrections")) query.set("corrections", "true");
    const slow = window.setTimeout(() => (cost.textContent = t("train.cost.wait")), thinking);
    const text = await estimate(String(values.get("recipe")), query);
    window.clearTimeout(slow);
    if (mine === asked) cost.textContent = text;
  };
  form.addEventListener("input", gathered(ask, thinking));
  window.addEventListener("pageshow", () => void ask()); // after the browser has put back what was written before
}

/**
 * Whether the values that decide the cost are such that the server could take them.
 * Each is marked or not, as the server would do it.
 */
function countable(form: HTMLFormElement): boolean {
  const wrong = [...form.querySelectorAll<HTMLInputElement>("input[data-max]")].filter((input) => {
    const { value, dataset } = input;
    const right = /^\s*\d+\s*$/.test(value) && Number(value) >= Number(dataset["min"]) && Number(value) <= Number(dataset["max"]);
    mark(input, !right);
    return !right;
  });
  return wrong.length === 0;
}

function mark(input: HTMLInputElement, wrong: boolean): void {
  const { id, dataset } = input;
  const error = document.getElementById(`${id}-error`);
  error?.remove();
  input.removeAttribute("aria-invalid");
  input.setAttribute("aria-describedby", wrong ? `${id}-error ${id}-hint` : `${id}-hint`);
  if (!wrong) return;
  input.setAttribute("aria-invalid", "true");
  const text = document.createElement("p");
  text.className = "error";
  text.id = `${id}-error`;
  text.textContent = t(`train.field.${id}.error`, { min: number(Number(dataset["min"])), max: number(Number(dataset["max"])) });
  input.after(text);
}

async function estimate(recipe: string, query: URLSearchParams): Promise<string> {
  try {
    const answer = await fetch(`/api/v1/recipes/${encodeURIComponent(recipe)}/estimate?${query}`);
    if (!answer.ok) return t("train.cost.none");
    const { seconds, seconds_per_epoch, source, measuring_seconds: after } = (await answer.json()) as Estimate;
    const values = { time: duration(seconds), epoch: number(seconds_per_epoch, 1) };
    if (after) return t("train.cost.measured", { ...values, after: number(after, 1) });
    return source === "run" ? t("train.cost.run", values) : t("train.cost.calibration", values);
  } catch {
    return t("train.cost.none");
  }
}

/** Another recipe brings its own values, where none was written over the one before's. */
function followRecipe(form: HTMLFormElement): void {
  let chosen: HTMLInputElement | null = null;
  const remember = () => {
    chosen = form.querySelector<HTMLInputElement>("[name=recipe]:checked");
    const batchSize = form.elements.namedItem("batch_size");
    if (batchSize instanceof HTMLInputElement) batchSize.dataset["min"] = chosen?.dataset["leastBatch"];
  };
  remember();
  window.addEventListener("pageshow", remember); // the browser may have put back what was chosen before
  for (const radio of form.querySelectorAll<HTMLInputElement>("[name=recipe]")) {
    radio.addEventListener("change", () => {
      for (const [name, value = ""] of Object.entries(radio.dataset)) {
        const input = form.elements.namedItem(name);
        if (input instanceof HTMLInputElement && input.value === chosen?.dataset[name]) input.value = value;
      }
      remember();
    });
  }
}

const form = document.getElementById("train-form");
const cost = document.getElementById("cost");
if (form instanceof HTMLFormElement && cost) {
  followRecipe(form);
  setUpCost(form, cost);
}

localTimes();
document.querySelector<HTMLElement>("[aria-invalid]")?.focus();
if (document.querySelector("#runs[data-live]")) {
  const list = gathered(() => void renew("runs").catch(() => {}), 300);
  new Live("/api/v1/events", { champion: list, state: list }); // the champion is told first, whatever was missed
}
