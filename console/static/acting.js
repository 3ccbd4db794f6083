// Forms that order something by the API: <form data-api="POST /api/v1/…" data-match='"3"' data-done="…">.
// A field goes into the body by its name; data-as says how: number, numbers, boolean, lines, in-minutes. Empty fields are left out.
// When it is done, `acted` is sent from the form, and `refused` when it is not; data-then="reload" or an address leads on. What is wrong stands in
// the form's own [role=alert], or else in the page's status line.

import { call, Problem } from "./api.js";
import { said, tell } from "./said.js";

/** A problem in the reader's language, with the service's own words after it. */
export function explain(wrong) {
  if (!(wrong instanceof Problem)) throw wrong;
  if (wrong.status === 0) return said.dataset.noAnswer;
  if (wrong.status === 401) return said.dataset.signedOut;
  const lead = wrong.status === 412 ? said.dataset.conflict : said.dataset.refused;
  return wrong.message ? `${lead} (${wrong.message})` : lead;
}

/** The moment that a clock on the site's wall shows as `2026-11-27T09:00`, wherever the reader sits. */
function siteTime(value) {
  const wanted = Date.parse(`${value}Z`);
  const shown = new Intl.DateTimeFormat("sv-SE", { timeZone: document.body.dataset.timezone, dateStyle: "short", timeStyle: "medium" });
  const ahead = Date.parse(`${shown.format(wanted).replace(" ", "T")}Z`) - wanted;
  return new Date(wanted - ahead).toISOString();
}

const AS = {
  number: Number,
  numbers: (value) => value.split(/[\s,]+/).filter(Boolean).map(Number),
  boolean: (value) => value === "true" || value === "on",
  lines: (value) => value.split(/\s*\n\s*/).filter(Boolean),
  "site-time": siteTime,
  "in-minutes": (value) => new Date(Date.now() + Number(value) * 60000).toISOString(),
};

/** What a form says, as the body of a request. */
export function bodyOf(form, submitter) {
  const body = {};
  for (const [name, value] of new FormData(form, submitter)) {
    if (value === "") continue;
    const as = form.elements[name]?.dataset?.as;
    body[name] = as ? AS[as](value) : value;
  }
  return body;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const order = event.submitter?.dataset.api ?? form.dataset.api;
  if (!order) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy") === "true") return; // twice the same click
  const alert = form.querySelector("[role=alert]");
  const [method, path] = order.split(" ");
  form.setAttribute("aria-busy", "true");
  let leaves = false;
  if (alert) alert.textContent = "";
  try {
    const answer = await call(method, path, bodyOf(form, event.submitter), { match: form.dataset.match });
    tell(event.submitter?.dataset.done ?? form.dataset.done ?? said.dataset.done);
    form.dispatchEvent(new CustomEvent("acted", { bubbles: true, detail: answer }));
    const then = form.dataset.then;
    leaves = Boolean(then);
    if (then === "reload") location.reload();
    else if (then) location.assign(then);
    else form.closest("dialog")?.close();
  } catch (wrong) {
    if (alert) alert.textContent = explain(wrong);
    else tell(explain(wrong), true);
    form.dispatchEvent(new CustomEvent("refused", { bubbles: true, detail: wrong }));
  } finally {
    if (!leaves) form.removeAttribute("aria-busy"); // nor is it ordered again while the next page is on its way
  }
});

// Who comes back to a page finds it as it was left.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.querySelectorAll("form[aria-busy]")) form.removeAttribute("aria-busy");
});

// <button data-opens="id"> opens the dialog of that id; a dialog closes by its own [data-closes], by Esc, or when done.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
});
