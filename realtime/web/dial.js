// The needle between fake and genuine. Five segments are the five phrases; the one read is lit.

import { byId, fixed, setLabel, svg } from "./dom.js";
import { TENDENCIES, probability, reading, tendency, text } from "./words.js";

const CENTRE = [240, 236],
  RADIUS = 204,
  GAP = 0.006;

const root = byId("dial");
const segments = [];
let needle,
  hidden = true;

function point(p, radius) {
  const angle = Math.PI * (1 - p);
  return `${fixed(CENTRE[0] + radius * Math.cos(angle))} ${fixed(CENTRE[1] - radius * Math.sin(angle))}`;
}

const arc = (from, to, radius) =>
  `M${point(from, radius)}A${radius} ${radius} 0 0 1 ${point(to, radius)}`;

function drawScale() {
  const ticks = svg("g", { class: "ticks" });
  for (let step = 0; step <= 40; step += 1) {
    const length = step % 20 === 0 ? 16 : step % 10 === 0 ? 11 : 6;
    const inner = RADIUS - 16;
    ticks.append(
      svg("path", {
        d: `M${point(step / 40, inner)}L${point(step / 40, inner - length)}`,
        class: step % 10 === 0 ? "major" : "minor"
      })
    );
  }
  let from = 0;
  for (const [highest, phrase, side] of TENDENCIES) {
    const to = highest === 100 ? 1 : (highest + 0.5) / 100;
    const start = from === 0 ? 0 : from + GAP,
      end = to === 1 ? 1 : to - GAP;
    const segment = svg("path", { d: arc(start, end, RADIUS), class: `segment ${side}` });
    segments.push([phrase, segment]);
    from = to;
  }
  return [...segments.map(([, segment]) => segment), ticks];
}

function drawEnds() {
  const [left, right, y] = [CENTRE[0] - RADIUS, CENTRE[0] + RADIUS, 257];
  return [
    svg("path", { class: "mark fake", d: `M${left - 6} ${y - 6}l12 12m0-12l-12 12` }),
    svg("text", { class: "word fake", x: left + 14, y: y + 6 }, text("side.fake")),
    svg("circle", { class: "mark genuine", cx: right, cy: y, r: 6.5 }),
    svg("text", { class: "word genuine", x: right - 14, y: y + 6, "text-anchor": "end" }, text("side.genuine"))
  ];
}

function drawNeedle() {
  const [x, y] = CENTRE;
  const blade = svg("path", {
    class: "blade",
    d: `M${x - 3.6} ${y - 16}L${x - 0.8} ${y - 180}H${x + 0.8}L${x + 3.6} ${y - 16}Z`
  });
  needle = svg("g", { class: "turn" }, blade);
  return [
    needle,
    svg("circle", { class: "hub", cx: x, cy: y, r: 11 }),
    svg("circle", { class: "pin", cx: x, cy: y, r: 5 })
  ];
}

// Point the needle at a verdict; without a number it is drawn in, so that it points nowhere.
export function showNeedle(verdict) {
  const p = probability(verdict);
  const phrase = p === null ? "" : tendency(p);
  for (const [name, segment] of segments) segment.classList.toggle("lit", name === phrase);
  if (p !== null) turn(p);
  hidden = p === null;
  root.classList.toggle("withheld", hidden);
  setLabel(
    root,
    p === null ? text("page.needle_none") : text("page.needle", { reading: reading(verdict) })
  );
}

function turn(p) {
  if (hidden) {
    // it comes out where it points, without a sweep across the scale
    needle.classList.add("at-once");
    needle.style.transform = `rotate(${(180 * p - 90).toFixed(2)}deg)`;
    void needle.getBoundingClientRect();
    needle.classList.remove("at-once");
  } else {
    needle.style.transform = `rotate(${(180 * p - 90).toFixed(2)}deg)`;
  }
}

root.append(...drawScale(), ...drawEnds(), ...drawNeedle());
root.classList.add("withheld");
