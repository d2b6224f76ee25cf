// Path of the PB: across, along the line between the prototypes; upwards, away from it.

import { byId, fixed, patch, setLabel, setText, svg } from "./dom.js";
import { NOTHING_TO_PLACE } from "./words.js";

const WIDTH = 320,
  TOP = 8,
  BASE = 100;
const root = byId("map"),
  caption = byId("map-caption");
const HIGHER = "Higher is farther from their line.";
const trailLine = svg("path", { class: "trail" });
const dots = svg("g", { class: "dots" });
let limits = { left: -1, right: 2, highest: 2.5 };

const within = (low, number, high) => Math.min(high, Math.max(low, number));
const x = (along) =>
  fixed(10 + (WIDTH - 20) * within(0, (along - limits.left) / (limits.right - limits.left), 1));
const y = (distance) => fixed(BASE - (BASE - TOP) * within(0, distance / limits.highest, 1));

export function setLimits(named) {
  limits = named;
  root.replaceChildren(
    svg("path", { class: "base", d: `M10 ${BASE}H${WIDTH - 10}` }),
    trailLine,
    dots,
    svg("path", { class: "prototype fake", d: `M${x(0) - 5} ${BASE - 5}l10 10m0-10l-10 10` }),
    svg("circle", { class: "prototype genuine", cx: x(1), cy: BASE, r: 6 }),
    svg("text", { x: x(0), y: 122, class: "fake" }, "fake"),
    svg("text", { x: x(1), y: 122, class: "genuine" }, "genuine")
  );
}

// Draw the trail, [along, distance] oldest first; empty while there is nothing to place.
export function showTrail(trail) {
  trailLine.setAttribute(
    "d",
    trail.length ? `M${trail.map(([a, d]) => `${x(a)} ${y(d)}`).join("L")}` : ""
  );
  patch(
    dots,
    trail.map(([along, distance], index) => {
      const here = index === trail.length - 1;
      return [
        "circle",
        { cx: x(along), cy: y(distance), r: here ? 6 : 2.5, class: here ? "here" : "past" }
      ];
    })
  );
  setText(
    caption,
    trail.length ? HIGHER : `${NOTHING_TO_PLACE[0].toUpperCase()}${NOTHING_TO_PLACE.slice(1)}.`
  );
  setLabel(root, trail.length ? `The PB is ${nearer(trail.at(-1)[0])}` : "No movement to place");
}

function nearer(along) {
  if (along > 0.4 && along < 0.6) return "midway between the prototypes";
  return along < 0.5 ? "nearer to the fake prototype" : "nearer to the genuine prototype";
}

setLimits(limits);
