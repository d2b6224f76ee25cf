// Keys as in the terminal, also as buttons, and two of the page's own: d details, t theme.

import { toggleDetails } from "./details.js";
import { byId, html } from "./dom.js";

export const GUIDE = "u",
  NEXT = " ";
const PAUSE_MS = 150; // the gauge takes ten keys a second and no more
const group = byId("keys"),
  dialog = byId("quit"),
  shortcuts = byId("shortcuts"),
  next = byId("next");
const onWall = document.documentElement.dataset.skin === "needle"; // anybody may pass its keyboard
const own = { d: toggleDetails, t: toggleTheme };
let known = new Map(),
  send = () => false,
  pressedAt = -Infinity;
const offered = new Map([[GUIDE, false], [NEXT, false]]); // other keys always do something

export function startKeys(sendKey) {
  send = sendKey;
}

export const buttonOf = (key) => (key === NEXT ? next : group.querySelector(`[data-key="${key}"]`));

// Show the button of a key, and let it work, only while it does something.
export function offerKey(key, does) {
  offered.set(key, does);
  const button = buttonOf(key);
  if (button) button.hidden = !does || !known.has(key);
}

const works = (key) => known.has(key) && (offered.get(key) ?? true);

// Show a button for each key that the gauge takes; that of the next step is beside its caption.
export function setKeys(keys) {
  known = new Map(keys);
  group.replaceChildren(
    ...keys.filter(([key]) => key !== NEXT).map(([key, meaning]) => {
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
  for (const [key, does] of offered) offerKey(key, does);
}

export function enableKeys(live) {
  for (const button of [...group.children, next]) button.disabled = !live;
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
next.addEventListener("click", () => press(NEXT));
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
    !shortcuts.checked ||
    onWall
  )
    return;
  if (event.key === NEXT && event.target.closest("button, input, a")) return; // it is theirs
  if (works(event.key)) press(event.key);
  else if (event.key in own) own[event.key]();
  else return;
  event.preventDefault();
});
