// The page of versions: asks in a dialog before it deletes one.

import { find, t } from "./page";
import { localTimes } from "./times";

function setUpDialog(): void {
  const dialog = find("#confirm", HTMLDialogElement);
  const version = find("input[name=version]", HTMLInputElement, dialog);
  const text = find("p", HTMLElement, dialog);
  const keep = find("a", HTMLAnchorElement, dialog);
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-delete]") : null;
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    version.value = link.dataset["delete"] ?? "";
    text.textContent = t("models.delete.text", { version: version.value });
    dialog.showModal();
    keep.focus(); // what cannot be undone is not what Enter does
  });
  keep.addEventListener("click", (event) => {
    event.preventDefault();
    dialog.close();
  });
}

localTimes();
if (document.querySelector("#confirm")) setUpDialog();
