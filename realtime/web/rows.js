// One row for each emotion, or for each face: name, small scale, reading in words.

import { byId, html, setText } from "./dom.js";
import { MARKS, emotionName, probability, reading, side, stateName, text } from "./words.js";

const LEAST_PROBABILITY = 1e-6; // as the classifier gives it

const emotions = byId("rows"),
  emotionsPanel = byId("rows-panel"),
  faces = byId("faces");

export function showRows(status) {
  const rows = status.rows ?? [],
    best = bestFitting(rows);
  document.body.classList.toggle("has-rows", rows.length > 0);
  emotionsPanel.hidden = rows.length === 0;
  fill(
    emotions,
    rows.map((verdict) => ({
      name: emotionName(verdict.emotion),
      verdict,
      note: [likely(verdict), verdict.emotion === best ? text("page.best") : ""]
        .filter(Boolean)
        .join(", "),
      best: verdict.emotion === best
    }))
  );
}

export function showFaceRows(status) {
  const several = status.setting.faces > 1 ? status.faces : [];
  faces.hidden = several.length === 0;
  fill(
    faces,
    several.map((face) => ({
      name: text("face_number", { number: face.id }),
      verdict: face.verdict,
      note: "",
      best: false
    }))
  );
}

// Take the readings out of all rows: they are not of now.
export function withholdRows() {
  for (const item of [...emotions.children, ...faces.children]) {
    fillRow(item, { name: item.firstChild.textContent, verdict: null, note: "", best: false });
  }
}

// The emotion that fits the movement best, as `auto` compares them: the error of its network,
// divided by its probability where the bundle has a classifier, which a row rounds to 0 at the least.
function bestFitting(rows) {
  const compared = rows.filter((row) => Number.isFinite(row.misfit) && row.emotion !== "any"),
    likely = compared.filter((row) => Number.isFinite(row.p_emotion)),
    named = likely.length ? likely : compared,
    mismatch = (row) => row.misfit / Math.max(row.p_emotion ?? 1, LEAST_PROBABILITY);
  return named.length
    ? named.reduce((best, row) => (mismatch(row) < mismatch(best) ? row : best)).emotion
    : "";
}

function fill(list, rows) {
  while (list.children.length > rows.length) list.lastChild.remove();
  while (list.children.length < rows.length) list.append(newRow());
  rows.forEach((row, index) => fillRow(list.children[index], row));
}

function likely(verdict) {
  return Number.isFinite(verdict?.p_emotion)
    ? text("likely", { share: `${Math.round(100 * verdict.p_emotion)} %` })
    : "";
}

function newRow() {
  const scale = html(
    "span",
    { class: "scale", "aria-hidden": "true" },
    html("span", { class: "bar" }),
    html("span", { class: "dot" })
  );
  return html("li", {}, html("span", { class: "name" }), scale, html("span", { class: "words" }));
}

function fillRow(item, { name, verdict, note, best }) {
  const p = probability(verdict),
    [label, scale, words] = item.children,
    [bar, dot] = scale.children;
  item.dataset.side = side(p);
  item.classList.toggle("best", best);
  setText(label, name);
  label.title = best ? text("page.best_why") : "";
  const said = !verdict
    ? text("page.not_judged")
    : p === null
      ? stateName(verdict.state)
      : `${MARKS[side(p)]} ${reading(verdict)}`;
  setText(words, note ? `${said}, ${note}` : said);
  scale.classList.toggle("withheld", p === null);
  if (p === null) return;
  bar.style.left = `${100 * Math.min(p, 0.5)}%`;
  bar.style.width = `${100 * Math.abs(p - 0.5)}%`;
  dot.style.left = `${100 * p}%`;
}
