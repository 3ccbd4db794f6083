// Dead letters: a replay is counted before it is done, and what is mended is tried before it is put through.

import { call } from "./api.js";
import { bodyOf, explain } from "./acting.js";
import { tell } from "./said.js";

function fill(text, facts) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
}

function say(parent, tag, text, name = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  if (name) element.className = name;
  parent.append(element);
  return element;
}

async function count(button) {
  const form = button.closest("form");
  const counted = form.querySelector(".counted"), go = form.querySelector("[type=submit]");
  form.setAttribute("aria-busy", "true");
  try {
    const found = await call("POST", "/api/v1/deadletters/replay/count", { reason: form.dataset.replay });
    const facts = { ready: found.replayed, messages: found.messages, refused: found.still_refused };
    counted.textContent = fill(found.replayed ? form.dataset.said : form.dataset.none, facts);
    go.hidden = !found.replayed;
    if (found.replayed) go.focus();
  } catch (wrong) {
    form.querySelector("[role=alert]").textContent = explain(wrong);
  } finally {
    form.removeAttribute("aria-busy");
  }
}

// A form tells the API the letter by its number, in a list of one.

function body(form) {
  const told = bodyOf(form);
  if ("payload" in form.elements) told.payload = form.elements.payload.value; // an empty one is a payload too
  return told;
}

async function check(form) {
  const box = form.querySelector("[data-trial]"), go = form.querySelector("[type=submit]");
  const { who, why, ...said } = body(form);
  form.setAttribute("aria-busy", "true");
  form.querySelector("[role=alert]").textContent = "";
  try {
    const found = await call("POST", `/api/v1/deadletters/${form.dataset.letter}/check`, said);
    box.replaceChildren();
    box.classList.toggle("reads", found.is_read);
    say(box, "p", found.is_read ? fill(form.dataset.reads, { by: found.reader }) : form.dataset.readsNot);
    for (const one of found.made) {
      const values = Object.entries(one.values).map(([name, value]) => `${name} = ${value}`).join(", ");
      say(box, "p", `${one.name} · ${one.at.slice(0, 19).replace("T", " ")} · ${values}`);
    }
    for (const one of found.rejects) say(box, "p", `${one.part ? `${one.part}: ` : ""}${one.detail}`, "refused");
    go.disabled = !found.is_read;
  } catch (wrong) {
    box.replaceChildren();
    go.disabled = true;
    form.querySelector("[role=alert]").textContent = explain(wrong);
  } finally {
    form.removeAttribute("aria-busy");
  }
}

document.addEventListener("click", (event) => {
  const counts = event.target.closest("[data-counts]");
  if (counts) count(counts);
  const checks = event.target.closest("[data-checks]");
  if (checks) check(checks.form);
});

// What was tried is not what is written there any more.
document.addEventListener("input", (event) => {
  const form = event.target.closest("#mend-form");
  if (form && event.target.name !== "why" && event.target.name !== "who") form.querySelector("[type=submit]").disabled = true;
});

document.addEventListener("acted", (event) => {
  if (!("replays" in event.target.dataset)) return;
  if (event.detail.replayed) location.assign("/deadletters");
  else tell(event.target.dataset.still, true);
});
