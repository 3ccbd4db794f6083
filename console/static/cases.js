// All cases: keys that move over them, and filters that hold as soon as they are chosen.

const items = (column) => [...column.querySelectorAll("[data-item]")];
const columns = () => [...document.querySelectorAll("[data-column]")];

function focusOn(item) {
  if (!item) return;
  item.focus({ preventScroll: true });
  item.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** `by` items down in the column of the focus; without one, the first of all. */
function along(by) {
  const here = document.activeElement.closest("[data-item]");
  if (!here) return focusOn(columns().flatMap(items)[0]);
  const all = items(here.closest("[data-column]"));
  focusOn(all[Math.min(Math.max(all.indexOf(here) + by, 0), all.length - 1)]);
}

/** To a neighbouring column that has any, at about the same height. */
function across(by) {
  const here = document.activeElement.closest("[data-item]");
  if (!here) return along(0);
  const all = columns();
  const row = items(here.closest("[data-column]")).indexOf(here);
  for (let n = all.indexOf(here.closest("[data-column]")) + by; n >= 0 && n < all.length; n += by) {
    const there = items(all[n]);
    if (there.length) return focusOn(there[Math.min(row, there.length - 1)]);
  }
}

const KEYS = {
  j: () => along(1), k: () => along(-1), ArrowDown: () => along(1), ArrowUp: () => along(-1),
  l: () => across(1), h: () => across(-1), ArrowRight: () => across(1), ArrowLeft: () => across(-1),
  "/": () => document.querySelector("#cases_filters [name=text]").focus(),
  "?": () => document.getElementById("cases-keys").showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (event.target.closest("input, select, textarea, summary")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const arrow = event.key.startsWith("Arrow");
  if (arrow && !event.target.closest("[data-item]")) return; // without a case in hand, arrows scroll
  const act = KEYS[event.key] ?? (/^[1-9]$/.test(event.key) ? () => focusOn(items(columns()[event.key - 1] ?? document.body)[0]) : null);
  if (!act) return;
  event.preventDefault();
  act();
});

document.addEventListener("change", (event) => {
  if (event.target.matches("#cases_filters select, #cases_filters [type=checkbox]")) event.target.form.requestSubmit();
});
// What is not asked does not stand in the address.
document.addEventListener("submit", (event) => {
  if (event.target.closest("#cases_filters")) for (const field of event.target.elements) if (field.name && !field.value) field.disabled = true;
});
window.addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("#cases_filters [name]:disabled")) field.disabled = false;
});

// on a phone the filters take no more room than a search

const narrow = matchMedia("(max-width: 560px)");
const fold = () => document.querySelector("#cases_filters form").classList.toggle("folds", narrow.matches);
narrow.addEventListener("change", fold);
fold();
document.addEventListener("click", (event) => {
  const button = event.target.closest(".fold");
  if (button) button.setAttribute("aria-expanded", String(!button.form.classList.toggle("folds")));
});
