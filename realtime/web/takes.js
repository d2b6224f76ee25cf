// Both takes of guided use side by side: a table of words, and their curves over each other.

import { byId, fixed, html, setLabel, setText, svg } from "./dom.js";
import { text } from "./words.js";

const WIDTH = 360,
  HEIGHT = 168,
  [LEFT, RIGHT, TOP, BOTTOM] = [36, 350, 10, 140]; // of the plot
const KINDS = ["felt", "posed"];
const panel = byId("takes-panel"),
  table = byId("takes");
// Title, root, index in a point, factor of its number, least end of the scale and its steps (so that
// its half has no more decimals than are shown), decimals shown.
const PLOTS = [
  { title: "take.movement", root: byId("movement"), index: 1, factor: 1, least: 1, step: 0.2, digits: 1 },
  { title: "take.genuine", root: byId("genuine"), index: 2, factor: 100, least: 100, step: 2, digits: 0 }
];
const NO_WORDS = { comparison: "", stranger: "", earlier: "", emotion: "", lines: [] };
let shown = "null";

// Show the newest pair of takes; null takes it from the page.
export function showTakes(result) {
  const now = JSON.stringify(result);
  if (now === shown) return;
  shown = now;
  panel.hidden = !result;
  const { comparison, stranger, earlier, emotion, lines } = result ?? NO_WORDS;
  setText(byId("comparison"), comparison);
  setText(byId("stranger"), stranger);
  setText(byId("earlier"), earlier && `${text("take.earlier")}: ${earlier}`);
  setText(byId("takes-emotion"), emotion);
  fillTable(lines);
  for (const plot of PLOTS) draw(plot, result ?? {});
}

const sample = (kind) =>
  svg("svg", { class: "sample", viewBox: "0 0 36 8", "aria-hidden": "true" }, line(kind, "M2 4H34"));

const line = (kind, d) => svg("path", { class: `curve ${kind}`, d });

function fillTable(lines) {
  const heads = KINDS.map((kind) =>
    html("th", { scope: "col" }, sample(kind), html("span", {}, text(`take.${kind}`)))
  );
  const rows = lines.map(([label, ...cells]) =>
    html("tr", {}, html("th", { scope: "row" }, label), ...cells.map((cell) => html("td", {}, cell)))
  );
  table.replaceChildren(
    html("thead", {}, html("tr", {}, html("td"), ...heads)),
    html("tbody", {}, ...rows)
  );
}

function draw({ title, root, index, factor, least, step, digits }, result) {
  const curves = KINDS.map((kind) =>
    (result[kind] ?? []).map((point) => [
      point[0],
      point[index] === null ? null : factor * point[index]
    ])
  );
  const values = curves.map((curve) => curve.map(([, value]) => value).filter(Number.isFinite));
  const times = curves.flat().map(([at_s]) => at_s);
  const highest = step * Math.ceil(Math.max(least, ...values.flat()) / step - 1e-9),
    [first_s, last_s] = [Math.min(0, ...times), Math.max(1, ...times)];
  const x = (at_s) => fixed(LEFT + ((RIGHT - LEFT) * (at_s - first_s)) / (last_s - first_s)),
    y = (value) => fixed(BOTTOM - ((BOTTOM - TOP) * value) / highest);
  root.replaceChildren(
    ...[highest, highest / 2, 0].flatMap((value) => scaleLine(y(value), value.toFixed(digits))),
    svg("path", { class: "began", d: `M${x(0)} ${TOP}V${BOTTOM + 5}` }),
    svg("text", { x: x(0), y: HEIGHT - 8, "text-anchor": "middle" }, "0"),
    svg("text", { x: RIGHT, y: HEIGHT - 8, "text-anchor": "end" }, `${last_s.toFixed(1)} s`),
    ...curves.map((curve, number) => line(KINDS[number], pathOf(curve, x, y)))
  );
  const spans = values.map((each, number) => span(KINDS[number], each, digits));
  setLabel(root, `${text(title)}; ${spans.join("; ")}`);
}

const scaleLine = (y, number) => [
  svg("path", { class: "rule", d: `M${LEFT} ${y}H${RIGHT}` }),
  svg("text", { x: LEFT - 6, y: y + 4.5, "text-anchor": "end" }, number)
];

// A gap in the readings stays one; a point alone is a dot.
function pathOf(curve, x, y) {
  let path = "",
    open = false;
  for (const [at_s, value] of curve) {
    if (value !== null) path += open ? `L${x(at_s)} ${y(value)}` : `M${x(at_s)} ${y(value)}h.01`;
    open = value !== null;
  }
  return path;
}

function span(kind, values, digits) {
  const take = text(`take.${kind}`);
  if (values.length === 0) return text("page.curve_none", { take });
  return text("page.curve_span", {
    take,
    lowest: Math.min(...values).toFixed(digits),
    highest: Math.max(...values).toFixed(digits)
  });
}

for (const place of document.querySelectorAll("[data-sample]")) place.append(sample(place.dataset.sample));
