// The report page: turns the drawn learning curves into ones that can be
// explored with pointer and keyboard. Their numbers are those of the history table.

import { setUpCopying } from "./copytable";
import { LearningCurve, type History } from "./curve";

function readHistory(table: HTMLTableElement): number[][] {
  const rows = [...(table.tBodies[0]?.rows ?? [])];
  const values = (column: number) => rows.map((row) => Number(row.cells[column]?.dataset["value"]));
  return [rows.map((row) => Number(row.cells[0]?.textContent)), values(1), values(2), values(3), values(4)];
}

function setUpCurves(): void {
  const table = document.getElementById("history-table");
  if (!(table instanceof HTMLTableElement)) return;
  const [epochs = [], trainLoss = [], testLoss = [], trainAccuracy = [], testAccuracy = []] = readHistory(table);
  const [train = "", test = ""] = [...(table.tHead?.rows[1]?.cells ?? [])].map((cell) => cell.textContent ?? "");
  const names = { train, test };
  const histories: Record<string, History> = {
    loss: { epochs, train: trainLoss, test: testLoss, digits: 4, floor: 0, names },
    accuracy: { epochs, train: trainAccuracy, test: testAccuracy, digits: 2, ceiling: 100, names },
  };
  for (const figure of document.querySelectorAll<HTMLElement>("figure[data-chart]")) {
    const history = histories[figure.dataset["chart"] ?? ""];
    if (history) new LearningCurve(figure, history);
  }
}

/** A folded table would be missing on paper. */
function setUpPrinting(): void {
  const folded = () => document.querySelectorAll<HTMLDetailsElement>("details.numbers:not([open])");
  let opened: HTMLDetailsElement[] = [];
  addEventListener("beforeprint", () => {
    opened.push(...folded());
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
    opened = [];
  });
}

setUpCopying(document);
setUpCurves();
setUpPrinting();
