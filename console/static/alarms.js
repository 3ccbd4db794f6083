// What a person does about an alarm: [data-ack] opens the one dialog of the page for its alarm, and the form of a
// silence says only what was chosen. What is ordered is sent by acting.js.

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-ack]");
  const dialog = document.getElementById("ack-dialog");
  if (!button || !dialog) return;
  const form = dialog.querySelector("form");
  form.reset();
  form.dataset.api = `POST /api/v1/alarms/${button.dataset.ack}/ack`;
  form.querySelector("[role=alert]").textContent = "";
  dialog.querySelector("[data-ack-what]").textContent = button.dataset.what;
  const taken = dialog.querySelector("[data-ack-taken]");
  taken.textContent = button.dataset.taken ?? "";
  taken.hidden = !button.dataset.taken;
  form.elements.instead_of.value = button.dataset.insteadOf ?? "";
  dialog.showModal();
});

// What somebody releases is how it stands when they begin to, not when the page came.
document.addEventListener("click", (event) => {
  if (!event.target.closest('[data-opens="release-dialog"]')) return;
  document.querySelector("#release-dialog [data-now]").textContent = document.getElementById("release-now").textContent;
}, true);

/** How many minutes from now a silence is to last. */
function minutes(form) {
  const chosen = form.querySelector("[data-for]").value;
  const until = form.querySelector("[data-until] input").value;
  if (chosen || !until) return chosen || "60";
  return String((new Date(until) - Date.now()) / 60000);
}

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-silence]");
  if (!form) return;
  const cover = form.querySelector("[data-cover]").value;
  for (const name of ["subject", "rule", "sub_district"]) {
    const field = form.elements[name];
    if (field) field.disabled = name !== cover;
  }
  const at = form.querySelector("[data-until]");
  at.hidden = form.querySelector("[data-for]").value !== "";
  at.querySelector("input").required = !at.hidden;
  form.elements.until.value = minutes(form);
});

document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-silence]")) event.target.elements.until.value = minutes(event.target);
}, true);
