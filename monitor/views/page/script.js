"use strict";

// Keeps the page at what the monitor tells. Without this script the page loads itself anew every few seconds.

const LOST_AFTER = 15; // seconds without news after which nothing on the page is to be trusted
const FORECAST_EVERY = 5_000; // milliseconds
const ASK_EVERY = 5_000, LISTEN_AGAIN = 60_000; // milliseconds, while there is no place among those who listen

const find = (id) => document.getElementById(id);
const regions = [...document.querySelectorAll("[data-region]")].map((each) => each.id);
let heardAt = performance.now();

// --- What is told replaces what is shown, and no more of it than differs: focus, choices and scrolling stay.

function show(news) {
  for (const [id, html] of Object.entries(news)) replace(id, html);
  heardAt = performance.now();
  age();
  if (performance.now() - forecastAt > FORECAST_EVERY) forecast();
}

function replace(id, html) {
  const wanted = document.createElement("template");
  wanted.innerHTML = html;
  morph(find(id), wanted.content);
}

function morph(shown, wanted) {
  const named = new Map([...shown.children].filter(name).map((each) => [name(each), each]));
  let next = shown.firstChild;
  for (const child of [...wanted.childNodes]) {
    const twin = name(child) ? named.get(name(child)) : next && isLike(next, child) ? next : null;
    if (twin === next) next = next && next.nextSibling;
    if (twin && twin.parentNode === shown && twin.nextSibling !== next) shown.insertBefore(twin, next);
    if (twin) update(twin, child);
    else shown.insertBefore(child, next);
  }
  while (next) {
    const after = next.nextSibling;
    next.remove();
    next = after;
  }
}

function isLike(one, other) {
  return one.nodeName === other.nodeName && !name(one);
}

function name(node) {
  return node.getAttribute?.("id"); // node.id of a form is its field of that name
}

function update(shown, wanted) {
  if (shown.nodeType !== Node.ELEMENT_NODE) {
    if (shown.nodeValue !== wanted.nodeValue) shown.nodeValue = wanted.nodeValue;
    return;
  }
  for (const { name } of [...shown.attributes]) if (!wanted.hasAttribute(name)) shown.removeAttribute(name);
  for (const { name, value } of wanted.attributes) if (shown.getAttribute(name) !== value) shown.setAttribute(name, value);
  morph(shown, wanted);
}

// --- How old it is, counted on while nothing is told; what is too old is grey.

function spoken(seconds) {
  for (const [size, unit] of [[86400, "d"], [3600, "h"], [60, "min"]]) {
    if (seconds >= 2 * size) return `${(seconds / size).toFixed(0)} ${unit}`;
  }
  return `${seconds.toFixed(0)} s`;
}

function age() {
  const since = (performance.now() - heardAt) / 1000;
  for (const each of document.querySelectorAll("time[data-seconds]")) {
    each.textContent = `${spoken(Number(each.dataset.seconds) + since)} ago`;
  }
  const lost = find("lost");
  if (lost.hidden === since <= LOST_AFTER) return;
  lost.hidden = since <= LOST_AFTER;
  lost.textContent = `Nothing heard from the monitor since ${new Date(Date.now() - 1000 * since).toLocaleTimeString()}: what is shown is old.`;
  document.documentElement.classList.toggle("lost", !lost.hidden);
}

// --- News come by themselves; where too many listen already, they are asked for.

function listen() {
  const events = new EventSource("/events");
  events.onmessage = ({ data }) => show(JSON.parse(data));
  events.onerror = () => {
    if (events.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    const asking = setInterval(ask, ASK_EVERY);
    setTimeout(() => {
      clearInterval(asking);
      listen();
    }, LISTEN_AGAIN);
  };
}

async function ask() {
  try {
    const answer = await fetch("/", { cache: "no-store" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    show(Object.fromEntries(regions.map((id) => [id, page.getElementById(id).innerHTML])));
  } catch {
    // the page says by itself that nothing is heard
  }
}

// --- The slider: the monitor reckons, the last move asked for wins.

let isForecasting = false, isWanted = false, forecastAt = performance.now();

async function forecast() {
  isWanted = true;
  if (isForecasting) return;
  isForecasting = true;
  while (isWanted) {
    isWanted = false;
    forecastAt = performance.now();
    try {
      const answer = await fetch(`/stress?percent=${find("percent").value}`, { cache: "no-store" });
      if (answer.ok) replace("stress", await answer.text());
    } catch {
      // as above
    }
  }
  isForecasting = false;
}

find("percent").addEventListener("input", forecast);
find("move").addEventListener("submit", (event) => {
  event.preventDefault();
  forecast();
});
document.addEventListener("visibilitychange", age);
setInterval(age, 1_000);
age();
listen();
