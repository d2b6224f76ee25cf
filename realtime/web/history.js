// The last 60 s of readings: up towards genuine, down towards fake, dotted where nothing was judged.

import { byId, fixed, setLabel, svg } from "./dom.js";
import { SPAN_S } from "./model.js";
import { probability, text } from "./words.js";

const WIDTH = 600,
  HEIGHT = 120,
  EDGE = 6;
const root = byId("history");
const y = (p) => fixed(EDGE + (1 - p) * (HEIGHT - 2 * EDGE));

const area = svg("path", { class: "area", fill: "url(#sides)" });
const line = svg("path", { class: "line", stroke: "url(#sides)" });
const pause = svg("path", { class: "pause" });
const now = svg("path", { class: "now", stroke: "url(#sides)" });

function gradient() {
  const stops = [
    [0, "genuine"],
    [y(0.545), "genuine"],
    [y(0.545), "either"],
    [y(0.455), "either"],
    [y(0.455), "fake"],
    [HEIGHT, "fake"]
  ];
  return svg(
    "defs",
    {},
    svg(
      "linearGradient",
      {
        id: "sides",
        gradientUnits: "userSpaceOnUse",
        x1: 0,
        x2: 0,
        y1: 0,
        y2: HEIGHT
      },
      ...stops.map(([at, side]) => svg("stop", { offset: at / HEIGHT, class: side }))
    )
  );
}

// Draw the verdicts, oldest first; one holds until the next, for two strides at most.
export function showHistory(history, stride_s) {
  const end_s = history.at(-1)?.at_s ?? 0,
    hold_s = Math.max(0.25, 2.2 * stride_s);
  const x = (at_s) => fixed(WIDTH * (1 - (end_s - at_s) / SPAN_S));
  let lines = "",
    areas = "",
    pauses = "",
    pausedTo = null,
    open = [];
  const close = () => {
    if (open.length === 0) return;
    const path = open.map(([px, py]) => `${px} ${py}`).join("L");
    lines += `M${path}${open.length === 1 ? "h.1" : ""}`;
    areas += `M${open[0][0]} ${y(0.5)}L${path}L${open.at(-1)[0]} ${y(0.5)}Z`;
    open = [];
  };
  history.forEach((verdict, index) => {
    const p = probability(verdict),
      next = history[index + 1];
    if (p !== null) open.push([x(verdict.at_s), y(p)]);
    if (p === null || !next || next.at_s - verdict.at_s > hold_s) close();
    if (p === null && next) {
      if (pausedTo !== verdict.at_s) pauses += `M${x(verdict.at_s)} ${y(0.5)}`;
      pausedTo = Math.min(next.at_s, verdict.at_s + hold_s);
      pauses += `H${x(pausedTo)}`;
    }
  });
  line.setAttribute("d", lines);
  area.setAttribute("d", areas);
  pause.setAttribute("d", pauses);
  const p = probability(history.at(-1));
  now.setAttribute("d", p === null ? "" : `M${WIDTH} ${y(p)}h.01`);
  setLabel(root, label(history));
}

function label(history) {
  const judged = history.map(probability).filter((p) => p !== null);
  if (judged.length === 0) return text("page.history_none");
  const genuine = judged.filter((p) => p > 0.5).length / judged.length;
  if (genuine > 0.66) return text("page.history_genuine");
  return text(genuine < 0.34 ? "page.history_fake" : "page.history_both");
}

const grid = svg(
  "g",
  { class: "grid" },
  svg("path", { d: `M0 ${y(0.5)}H${WIDTH}`, class: "middle" }),
  svg("path", { d: `M0 ${y(1)}H${WIDTH}M0 ${y(0)}H${WIDTH}` })
);
root.append(gradient(), grid, area, pause, line, now);
