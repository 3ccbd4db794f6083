// One case: its dialogs, what others have changed meanwhile, and two pictures laid over each other.

const page = document.getElementById("case-page");
const changed = document.getElementById("case-changed");
const seen = new WeakMap(); // by form: the lines of the story that stood there when its dialog was opened

const lines = (root) => [...root.querySelectorAll("#case_story .story > li")];
const keys = (root) => new Set(lines(root).map((line) => line.dataset.key));
const shownVersion = (root) => root.querySelector("#case [data-version]")?.dataset.version;

// dialogs

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dialog]");
  const dialog = button && document.getElementById(button.dataset.dialog);
  if (!dialog) return;
  const form = dialog.querySelector("form");
  if (form.dataset.api) form.dataset.match = `"${shownVersion(document)}"`;
  if (button.dataset.original) {
    form.action = `/originals/${button.dataset.original.split("/").map(encodeURIComponent).join("/")}.jpg`;
    form.elements.csrf.value = document.querySelector("meta[name=csrf]")?.content ?? "";
  }
  if (button.dataset.fill) form.elements[button.dataset.fillField].value = button.dataset.fill;
  narrow(form, button);
  seen.set(form, keys(document));
  button.closest("details")?.removeAttribute("open");
  dialog.showModal();
  (form.querySelector("input:not([type=hidden]), select, textarea") ?? form).focus();
});

/** Only what is open now can be chosen; and words are asked for where they are needed. */
function narrow(form, button) {
  const { field, only } = button.dataset;
  if (field) {
    const select = form.elements[field];
    const open = new Set(only.split(" "));
    for (const option of select.options) option.disabled = option.hidden = !open.has(option.value);
    if (select.selectedOptions[0]?.disabled !== false) select.value = [...select.options].find((option) => !option.disabled)?.value;
  }
  const why = form.elements.why;
  if (why && form.dataset.api.endsWith("/verify")) why.required = "wordsNeeded" in button.dataset;
  wordsUnless(form);
}

function wordsUnless(form) {
  const select = form.querySelector("[data-words-unless]");
  if (select) form.elements.why.required = select.value !== select.dataset.wordsUnless;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-words-unless]")) wordsUnless(event.target.form);
});

document.addEventListener("acted", (event) => {
  event.target.reset();
  changed.hidden = true;
});

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-seeing]")) setTimeout(() => { event.target.closest("dialog").close(); event.target.reset(); });
});

// somebody else was quicker

document.addEventListener("refused", async (event) => {
  const form = event.target;
  if (event.detail.status !== 412 && event.detail.status !== 409) return;
  const before = seen.get(form) ?? keys(document);
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const version = shownVersion(fresh);
  if (!version) return;
  const act = form.dataset.api.split("/").pop();
  const news = lines(fresh).filter((line) => !before.has(line.dataset.key));
  const alert = form.querySelector("[role=alert]");
  tellOf(alert ?? changed, news.length ? news : lines(fresh).slice(-1), !fresh.querySelector(`#case [data-act="${act}"]`));
  changed.hidden = Boolean(alert);
  form.dataset.match = `"${version}"`;
  seen.set(form, keys(fresh)); // before they move over
  for (const name of ["case", "case_story", "case_facts", "case_pictures"]) {
    const section = document.getElementById(name);
    const next = fresh.getElementById(name);
    if (section.innerHTML !== next.innerHTML && name !== "case_pictures") section.replaceChildren(...next.childNodes);
  }
});

function tellOf(box, news, gone) {
  if (box === changed) box.textContent = page.dataset.changed;
  const list = document.createElement("ul");
  for (const line of news) {
    const item = document.createElement("li");
    item.textContent = [...line.children].map((part) => part.textContent).filter(Boolean).join(" · ");
    list.append(item);
  }
  box.append(list);
  if (gone) box.append(Object.assign(document.createElement("p"), { textContent: page.dataset.noLonger }));
}

// the slider over two pictures

document.addEventListener("input", (event) => {
  const frame = event.target.closest(".compare-frame");
  if (frame) frame.style.setProperty("--cut", `${event.target.value}%`);
});

// a menu closes when somebody clicks elsewhere, or by Esc

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.more-acts[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.more-acts[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
