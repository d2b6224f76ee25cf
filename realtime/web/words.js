// Texts of the page: those of the terminal and the window, from the one table that the gauge serves.

import { LANGUAGE, TENDENCIES, WORDS } from "./catalogue.js";

export { TENDENCIES };
export const MARKS = { genuine: "○", fake: "✕", either: "◇", "": "" };

const WITH_NUMBER = new Set(["judging", "settled"]);

// The text of a key, with `values` in their places; a key without a text is shown as it is.
export function text(key, values = {}) {
  return (WORDS[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

// Write the texts of the page's own elements: data-word is the content, data-label the aria-label.
export function writeTexts() {
  document.documentElement.lang = LANGUAGE;
  document.title = text("title");
  for (const element of document.querySelectorAll("[data-word]"))
    element.textContent = text(element.dataset.word);
  for (const element of document.querySelectorAll("[data-label]"))
    element.setAttribute(
      element.tagName === "IMG" ? "alt" : "aria-label",
      text(element.dataset.label)
    );
}

// The probability of a verdict; null unless its state carries one.
export function probability(verdict) {
  if (!verdict || !WITH_NUMBER.has(verdict.state)) return null;
  return Number.isFinite(verdict.p_genuine) ? verdict.p_genuine : null;
}

// The whole percent that is shown; halves go to the even number, as in Python.
export function percent(p) {
  const scaled = 100 * p,
    below = Math.floor(scaled);
  if (scaled - below === 0.5) return below + (below % 2);
  return Math.round(scaled);
}

const tendencyOf = (p) => TENDENCIES.find(([highest]) => percent(p) <= highest);
export const tendency = (p) => tendencyOf(p)[1];
export const side = (p) => (p === null ? "" : tendencyOf(p)[2]);

export const emotionName = (emotion) =>
  `emotion.${emotion}` in WORDS ? text(`emotion.${emotion}`) : emotion;

export function statePhrase(state, emotion) {
  const any = emotion === "any" || emotion === "auto";
  const named = any ? text("any_emotion") : emotionName(emotion);
  return `state.${state}` in WORDS ? text(`state.${state}`, { emotion: named }) : stateName(state);
}

export const stateName = (state) =>
  `name.${state}` in WORDS ? text(`name.${state}`) : state.replaceAll("_", " ");

export const percentGenuine = (p) => text("percent_genuine", { percent: `${percent(p)} %` });

// "72 % genuine, leans genuine"; for a withheld verdict its state.
export function reading(verdict) {
  const p = probability(verdict);
  return p === null ? stateName(verdict.state) : `${percentGenuine(p)}, ${tendency(p)}`;
}

// The verdict on the run so far; without a reading now it shows no number.
export function runWords(run, withNumber) {
  const p = run?.p_genuine ?? null;
  if (p === null) return text("nothing_judged");
  const seconds = `, ${text("judged_s", { seconds: run.judged_s.toFixed(1) })}`;
  const undecided = withNumber ? `${text("undecided")}: ${text("too_close")}` : text("undecided");
  if (run.state === "uncertain") return undecided + seconds;
  return (withNumber ? `${percentGenuine(p)}, ${tendency(p)}` : tendency(p)) + seconds;
}
