// Keys as in the terminal, also as buttons, and two of the page's own: d details, t theme.

import { toggleDetails } from "./details.js";
import { byId, html } from "./dom.js";

const PAUSE_MS = 150; // the gauge takes ten keys a second and no more
const group = byId("keys"),
  dialog = byId("quit"),
  shortcuts = byId("shortcuts");
const own = { d: toggleDetails, t: toggleTheme };
let known = new Map(),
  send = () => false,
  pressedAt = -Infinity;

export function startKeys(sendKey) {
  send = sendKey;
}

// Show a button for each key that the gauge takes.
export function setKeys(keys) {
  known = new Map(keys);
  group.replaceChildren(
    ...keys.map(([key, meaning]) => {
      const button = html(
        "button",
        { type: "button", "data-key": key },
        html("kbd", {}, key),
        ` ${meaning}`
      );
      button.addEventListener("click", () => press(key));
      return button;
    })
  );
}

export function enableKeys(live) {
  for (const button of group.children) button.disabled = !live;
}

function press(key) {
  if (key === "q") dialog.showModal();
  else pass(key);
}

function pass(key) {
  const now = performance.now();
  if (now - pressedAt < PAUSE_MS) return;
  pressedAt = now;
  send(key);
}

function toggleTheme() {
  const page = document.documentElement;
  const dark = page.dataset.theme
    ? page.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  page.dataset.theme = dark ? "light" : "dark";
  store("theme", page.dataset.theme);
}

function store(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    /* private windows may keep nothing */
  }
}

function stored(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

shortcuts.checked = stored("shortcuts") !== "off";
shortcuts.addEventListener("change", () => store("shortcuts", shortcuts.checked ? "on" : "off"));
byId("theme").addEventListener("click", toggleTheme);
byId("quit-no").addEventListener("click", () => dialog.close());
byId("quit-yes").addEventListener("click", () => {
  dialog.close();
  pass("q");
});

addEventListener("keydown", (event) => {
  if (
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    event.repeat ||
    dialog.open ||
    !shortcuts.checked
  )
    return;
  if (known.has(event.key)) press(event.key);
  else if (event.key in own) own[event.key]();
  else return;
  event.preventDefault();
});
