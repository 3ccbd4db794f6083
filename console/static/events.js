// Pause, and a sound for what is newly critical. The list itself is kept up to date by live.js.

const controls = document.getElementById("events-controls");
const pause = document.getElementById("events-pause");
const sound = document.getElementById("events-sound");
const waiting = document.getElementById("events-waiting");
const banner = document.getElementById("events-alert");
const section = document.getElementById("events");
const KEY = "longcheng.events.sound";

const now = () => document.getElementById("events-now");
const list = () => document.getElementById("events-list");
const ids = () => now().dataset.ids.trim().split(" ").filter(Boolean).map(Number);
const criticals = () => new Map([...now().querySelectorAll("[data-critical]")].map((one) => [one.dataset.critical, one.textContent]));

let pausedAt = null;
let known = new Set(criticals().keys());
let context = null;

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// While it is paused the list is an island of its own, so that live.js leaves it alone.

function setPaused(on) {
  pausedAt = on ? Math.max(0, ...ids()) : null;
  pause.setAttribute("aria-pressed", String(on));
  say(pause, on ? pause.dataset.on : pause.dataset.off);
  list().classList.toggle("is-paused", on);
  list().toggleAttribute("data-keep", on);
  count();
}

async function goOn() {
  pause.disabled = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(`${answer.status}`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("events-list");
    if (!fresh) { location.reload(); return; } // signed out
    list().replaceChildren(...fresh.childNodes);
    setPaused(false);
  } catch {
    // The connection is lost, which live.js says; it stays paused.
  } finally {
    pause.disabled = false;
  }
}

function count() {
  const all = ids();
  const n = pausedAt === null ? 0 : all.filter((id) => id > pausedAt).length;
  waiting.hidden = pausedAt === null;
  say(waiting, controls.dataset.waiting.replace("{n}", n && n === all.length ? `${n}+` : String(n)));
}

pause.addEventListener("click", () => (pausedAt === null ? setPaused(true) : goOn()));

// A browser makes a sound only once somebody has touched the page; until then the button says so.

const wanted = () => localStorage.getItem(KEY) === "on";

function shown() {
  const asleep = wanted() && context?.state !== "running";
  sound.setAttribute("aria-pressed", String(wanted()));
  const word = asleep ? "soundAsleep" : wanted() ? "soundOn" : "soundOff";
  say(sound, controls.dataset[word]);
}

async function wake() {
  if (!wanted() || navigator.userActivation?.hasBeenActive === false) return;
  context ??= new AudioContext();
  if (context.state !== "running") await context.resume();
  shown();
}

function tone(at, pitch) {
  const wave = context.createOscillator(), loudness = context.createGain();
  wave.frequency.value = pitch;
  loudness.gain.setValueAtTime(0.0001, at);
  loudness.gain.exponentialRampToValueAtTime(0.25, at + 0.02);
  loudness.gain.exponentialRampToValueAtTime(0.0001, at + 0.28);
  wave.connect(loudness).connect(context.destination);
  wave.start(at);
  wave.stop(at + 0.3);
}

function beep() {
  if (!wanted() || context?.state !== "running") return;
  tone(context.currentTime, 880);
  tone(context.currentTime + 0.35, 660);
}

sound.addEventListener("click", async () => {
  const asleep = wanted() && context?.state !== "running";
  localStorage.setItem(KEY, wanted() && !asleep ? "off" : "on");
  await wake();
  shown();
  if (!asleep) beep(); // so that one hears what it will be like
});
for (const touch of ["pointerdown", "keydown"]) document.addEventListener(touch, wake);

function ring() {
  const there = criticals();
  const fresh = [...there.keys()].filter((id) => !known.has(id));
  known = new Set(there.keys());
  if (!fresh.length || !wanted()) return;
  say(banner.querySelector("span"), controls.dataset.newCritical.replace("{what}", fresh.map((id) => there.get(id)).join("; ")));
  banner.hidden = false;
  section.dataset.rang = String(Number(section.dataset.rang ?? 0) + 1);
  beep();
}

banner.querySelector("button").addEventListener("click", () => { banner.hidden = true; });

new MutationObserver(() => { count(); ring(); }).observe(section, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["data-ids"] });
shown();
