// Copies a table as tab-separated text, as it is written on the page, so that
// it pastes into a spreadsheet of the reader's own language.

/** Makes the copy buttons under root work; without a clipboard they stay hidden. */
export function setUpCopying(root: ParentNode): void {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
    const status = button.parentElement?.querySelector("[role=status]");
    const table = document.getElementById(button.dataset["copy"] ?? "");
    if (!status || !(table instanceof HTMLTableElement)) continue;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(tabSeparated(table));
        status.textContent = button.dataset["done"] ?? "";
      } catch {
        status.textContent = button.dataset["failed"] ?? "";
      }
    });
    button.parentElement?.removeAttribute("hidden");
  }
}

/** The cells of a table, a line a row; a cell that spans others leaves them empty. */
function tabSeparated(table: HTMLTableElement): string {
  const grid: string[][] = [...table.rows].map(() => []);
  [...table.rows].forEach((row, y) => {
    let x = 0;
    for (const cell of row.cells) {
      while (grid[y]?.[x] !== undefined) x++;
      for (let dy = 0; dy < cell.rowSpan; dy++) {
        for (let dx = 0; dx < cell.colSpan; dx++) {
          const line = grid[y + dy];
          if (line) line[x + dx] = dx + dy === 0 ? words(cell) : "";
        }
      }
      x += cell.colSpan;
    }
  });
  return grid.map((line) => line.join("\t")).join("\n") + "\n";
}

/** What a screen reader would read in the cell: without its drawings, with its hidden words. */
function words(cell: HTMLTableCellElement): string {
  const copy = cell.cloneNode(true) as HTMLElement;
  for (const drawn of copy.querySelectorAll("[aria-hidden=true]")) drawn.remove();
  return (copy.textContent ?? "").replace(/\s+/g, " ").trim();
}
