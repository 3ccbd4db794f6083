// Keeps a page live: takes fragments from the server's event stream and changes only what differs,
// so that scroll position, focus and opened details stay. Says honestly when the connection is lost.

const LOST_AFTER_BEATS = 3;
const RETRY_MS = [1000, 2000, 5000, 10000, 15000];

const body = document.body;
const live = document.getElementById("live");
const lost = document.getElementById("lost");
const asOf = document.getElementById("as-of");
const clock = new Intl.DateTimeFormat(document.documentElement.lang, {
  timeZone: body.dataset.timezone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});

let source = null;
let heardAt = Date.now();
let triedAt = 0;
let patienceMs = 15000;
let tries = 0;
let retry = 0;
let grace = 0;

function connect() {
  clearTimeout(retry);
  source?.close();
  triedAt = Date.now();
  source = new EventSource(body.dataset.live);
  source.addEventListener("hello", (event) => {
    const hello = JSON.parse(event.data);
    // A page of another build would put new fragments into old styles.
    if (hello.build !== body.dataset.build) location.reload();
    patienceMs = hello.beat_s * LOST_AFTER_BEATS * 1000;
    heard();
  });
  source.addEventListener("beat", heard);
  source.addEventListener("update", (event) => {
    heard();
    show(JSON.parse(event.data));
  });
  source.addEventListener("error", () => {
    // A short gap, as at a restart, is not worth an alarm.
    grace ||= setTimeout(() => say(false), 3000);
    if (source.readyState === EventSource.CLOSED) again();
  });
}

function again() {
  const wait = RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)];
  clearTimeout(retry);
  retry = setTimeout(connect, wait * (0.7 + 0.6 * Math.random()));
}

function heard() {
  heardAt = Date.now();
  tries = 0;
  clearTimeout(retry);
  clearTimeout(grace);
  grace = 0;
  say(true);
}

function say(connected) {
  const word = connected ? live.dataset.on : live.dataset.off;
  live.classList.toggle("on", connected);
  live.classList.toggle("off", !connected);
  set(document.getElementById("live-word"), word);
  body.classList.toggle("is-lost", !connected);
  if (connected) {
    lost.hidden = true;
  } else if (lost.hidden) {
    lost.textContent = lost.dataset.text.replace("{since}", clock.format(heardAt));
    lost.hidden = false;
  }
}

// The stream may hang without an error, e.g. behind a proxy or after the machine slept; so may each that follows it.
setInterval(() => {
  if (Date.now() - heardAt <= patienceMs) return;
  say(false);
  if (Date.now() - triedAt > patienceMs) connect();
}, 1000);

function show(update) {
  if (document.title !== update.title) document.title = update.title;
  set(asOf, update.as_of);
  asOf.title = update.as_of_exact;
  const focused = document.activeElement;
  for (const [name, html] of Object.entries(update.fragments)) {
    const section = document.getElementById(name);
    if (!section) continue;
    const next = document.createElement("template");
    next.innerHTML = html;
    morphChildren(section, next.content);
  }
  if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const still = matchMedia("(prefers-reduced-motion: reduce)");
const fresh = () => getComputedStyle(body).getPropertyValue("--warn-tint");

/** The names by which nodes are known again among their siblings, wherever they stand: each the first of its name. */
function named(nodes) {
  const names = new Map();
  const taken = new Set();
  for (const node of nodes) {
    const name = node.dataset?.key || node.id || node.dataset?.api; // a form is known by what it orders
    if (!name || taken.has(name)) continue;
    taken.add(name);
    names.set(node, name);
  }
  return names;
}

function morphChildren(from, to) {
  const coming = [...to.childNodes];
  const names = named(coming);
  const known = named(from.childNodes);
  const wanted = new Set(names.values());
  const kept = new Map();
  for (const [child, name] of known) {
    if (wanted.has(name)) kept.set(name, child);
    else child.remove();
  }
  const like = (nodes, node, its) => nodes.filter((one) => !its.has(one) && one.nodeName === node.nodeName).length;
  // What has no name and is one too many makes way, so that what comes after it, perhaps half filled in, stays where it is.
  const isOneTooMany = (node, place) =>
    !known.has(node) && (names.has(coming[place]) || node.nodeName !== coming[place].nodeName)
    && like([...from.childNodes].slice([...from.childNodes].indexOf(node)), node, known) > like(coming.slice(place), node, names);
  let at = from.firstChild;
  for (const [place, next] of coming.entries()) {
    while (at && at !== kept.get(names.get(next)) && isOneTooMany(at, place)) at = without(at);
    const name = names.get(next);
    const match = name ? kept.get(name) : at && !known.has(at) && at.nodeName === next.nodeName ? at : null;
    if (!match) {
      const node = document.importNode(next, true);
      if (next.dataset?.key && !still.matches) node.animate({ backgroundColor: [fresh(), "transparent"] }, 4000);
      from.insertBefore(node, at);
      continue;
    }
    if (match === at) at = at.nextSibling;
    else from.insertBefore(match, at);
    morph(match, next);
  }
  while (at) at = without(at);
}

function without(node) {
  const after = node.nextSibling;
  node.remove();
  return after;
}

const OPENED = new Set(["DETAILS", "DIALOG"]);

function morph(from, to) {
  if (from.dataset && "keep" in from.dataset) return; // an island keeps itself up to date
  if (from.matches?.("[data-api] [role=alert]")) return; // why an order was refused stays until the next one
  if (from.nodeType !== Node.ELEMENT_NODE) {
    if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
    return;
  }
  for (const { name, value } of [...to.attributes]) {
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  for (const { name } of [...from.attributes]) {
    // Whether a story is open is the reader's choice, not the server's.
    if (!to.hasAttribute(name) && !(name === "open" && OPENED.has(from.nodeName)) && name !== "aria-busy") from.removeAttribute(name);
  }
  morphChildren(from, to);
}

// What a script has written into the address since the page came, as the map its view, is asked in the other language, too.
document.querySelector("a.language")?.addEventListener("click", ({ currentTarget: link }) => {
  const asked = new URLSearchParams(location.search);
  asked.set("lang", link.hreflang);
  link.search = asked;
});
window.addEventListener("pagehide", () => source?.close());
window.addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
connect();
