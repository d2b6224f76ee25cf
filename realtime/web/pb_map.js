// Path of the PB: across, along the line between the prototypes; upwards, away from it.

import { byId, fixed, patch, setLabel, setText, svg } from "./dom.js";
import { text } from "./words.js";

const WIDTH = 320,
  TOP = 8,
  BASE = 100;
const root = byId("map"),
  caption = byId("map-caption");
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
    svg("text", { x: x(0), y: 122, class: "fake" }, text("side.fake")),
    svg("text", { x: x(1), y: 122, class: "genuine" }, text("side.genuine"))
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
  const none = text("map.none");
  setText(
    caption,
    trail.length ? text("page.map_caption") : `${none[0].toUpperCase()}${none.slice(1)}.`
  );
  setLabel(root, text(trail.length ? nearer(trail.at(-1)[0]) : "page.map_none"));
}

function nearer(along) {
  if (along > 0.4 && along < 0.6) return "page.map_middle";
  return along < 0.5 ? "page.map_fake" : "page.map_genuine";
}

setLimits(limits);
