// The page of versions: stays as the server has them, and asks in a dialog before
// it deletes one.

import { gathered, renew } from "./fragment";
import { Live } from "./live";
import { find, t } from "./page";
import { markPromotions } from "./promote";
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
    dialog.close(); // which the server opens for those without this script
    dialog.showModal();
    keep.focus(); // what cannot be undone is not what Enter does
  });
  keep.addEventListener("click", (event) => {
    event.preventDefault();
    dialog.close();
  });
}

interface Known {
  champion: string;
  versions: string;
}

function known(): Known {
  const all = [...document.querySelectorAll<HTMLElement>("#versions tr[data-version]")].map(({ dataset }) => dataset["version"]);
  return { champion: document.getElementById("crown")?.dataset["champion"] ?? "", versions: all.join(" ") };
}

/** Says what has changed to those who do not see it, and takes back what is not true any more. */
function tell(before: Known, after: Known): void {
  const changed = before.champion !== after.champion;
  if (changed) document.getElementById("note")?.remove();
  const said = [
    ...(changed ? [t("models.live.champion", { version: after.champion })] : []),
    ...(before.versions !== after.versions ? [t("models.live.versions")] : []),
  ];
  if (said.length > 0) find("#announcement", HTMLElement).textContent = said.join(" ");
}

const lists = gathered(() => {
  const before = known();
  renew("crown", "versions", "promotions", "champion").then(
    () => tell(before, known()),
    () => {}, // the next event asks again
  );
}, 300);

localTimes();
markPromotions(find("#announcement", HTMLElement));
new Live("/api/v1/events", { champion: lists, state: lists, version: lists });
setUpDialog();
