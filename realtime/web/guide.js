// Guided use: what to do now, the keys that start, end and go on, and the takes.

import { byId, setText } from "./dom.js";
import { GUIDE, NEXT, buttonOf, offerKey } from "./keys.js";
import { showTakes } from "./takes.js";

const bar = byId("guide-bar"),
  caption = byId("caption"),
  next = byId("next");
const NONE = { offered: false, running: false, result: null };
let wasRunning = false;

// Show the caption of a tour or a guide, and the newest result; `status` is null without a gauge.
export function showGuide(status) {
  const guide = status?.guide ?? NONE,
    words = status?.caption ?? "";
  offerKey(GUIDE, guide.offered);
  buttonOf(GUIDE)?.setAttribute("aria-pressed", String(guide.running));
  moveFocus(guide.running, words);
  offerKey(NEXT, words !== "");
  bar.hidden = !words;
  setText(caption, words);
  if (guide.running && !wasRunning && document.activeElement === buttonOf(GUIDE)) next.focus();
  wasRunning = guide.running;
  showTakes(guide.result);
}

// A button that goes gives its focus back, so that the space bar does not end what it began.
function moveFocus(running, words) {
  if (words || document.activeElement !== next) return;
  const back = buttonOf(GUIDE);
  (back && !back.hidden ? back : byId("reading")).focus();
}
