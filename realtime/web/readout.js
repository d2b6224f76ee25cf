// State, number and the answers in words, below the needle.

import { byId, setText } from "./dom.js";
import { MARKS, percent, probability, side, stateName, statePhrase, tendency, text } from "./words.js";

const element = Object.fromEntries(
  [
    "reading",
    "mark",
    "state",
    "number",
    "percent",
    "unit",
    "tendency",
    "phrase",
    "sure",
    "shows",
    "why",
    "better"
  ].map((id) => [id, byId(id)])
);
const NO_ANSWERS = { sure: "", shows: "", why: "", better: "" };
let shownState = "";

// Show a verdict of now; `waiting` is what is being done before the first.
export function showReading(verdict, waiting) {
  if (!verdict) {
    write({
      mark: "○",
      state: stateName("waiting"),
      headline: text("state.waiting"),
      phrase: waiting
    });
    return;
  }
  const p = probability(verdict),
    phrase = statePhrase(verdict.state, verdict.emotion);
  document.body.dataset.state = verdict.state;
  document.body.dataset.side = side(p);
  if (p === null) write({ mark: "○", state: stateName(verdict.state), headline: phrase });
  else write({ mark: "●", state: stateName(verdict.state), p, headline: tendency(p), phrase });
  element.reading.dataset.at = verdict.at_s;
  if (key(verdict) !== shownState) showAnswers(NO_ANSWERS); // those of now follow with the status
  shownState = key(verdict);
}

// Show how sure a reading is, what the face shows, why, and what would help; of the same moment.
export function showAnswers(answers, verdict = null) {
  if (verdict && key(verdict) !== shownState) return;
  for (const name of Object.keys(NO_ANSWERS)) setText(element[name], answers[name] || "");
}

// Show that nothing is of now, and why.
export function showNotLive(words) {
  shownState = "";
  showAnswers(NO_ANSWERS);
  write({
    mark: "○",
    state: text("page.not_live"),
    headline: text("page.no_reading_now"),
    phrase: words
  });
}

const key = (verdict) => `${verdict.state} ${side(probability(verdict))}`;

function write({ mark, state, p = null, headline, phrase }) {
  const name = side(p);
  if (p === null) {
    document.body.dataset.side = "";
    delete element.reading.dataset.at;
  }
  setText(element.mark, mark);
  setText(element.state, state);
  element.number.hidden = p === null;
  setText(element.percent, p === null ? "" : String(percent(p)));
  setText(element.unit, p === null ? "" : text("page.unit"));
  setText(element.tendency, name && MARKS[name] ? `${MARKS[name]} ${headline}` : headline);
  setText(element.phrase, phrase || "");
}
