// State, number and reason in words, below the needle.

import { byId, setText } from "./dom.js";
import {
  MARKS,
  WAITING,
  percent,
  probability,
  reason,
  side,
  stateName,
  statePhrase,
  tendency
} from "./words.js";

const element = Object.fromEntries(
  ["reading", "mark", "state", "number", "percent", "unit", "tendency", "phrase"].map((id) => [
    id,
    byId(id)
  ])
);

// Show a verdict of now; `waiting` is what is being done before the first.
export function showReading(verdict, waiting) {
  if (!verdict) {
    write({ mark: "○", state: "waiting", headline: WAITING, phrase: waiting });
    return;
  }
  const p = probability(verdict),
    phrase = statePhrase(verdict.state, verdict.emotion);
  document.body.dataset.state = verdict.state;
  document.body.dataset.side = side(p);
  if (p === null)
    write({
      mark: "○",
      state: stateName(verdict.state),
      headline: phrase,
      phrase: reason(verdict)
    });
  else write({ mark: "●", state: stateName(verdict.state), p, headline: tendency(p), phrase });
  element.reading.dataset.at = verdict.at_s;
}

// Show that nothing is of now, and why.
export function showNotLive(words) {
  write({ mark: "○", state: "not live", headline: "no reading of now", phrase: words });
}

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
  setText(element.unit, p === null ? "" : "% genuine");
  setText(element.tendency, name && MARKS[name] ? `${MARKS[name]} ${headline}` : headline);
  setText(element.phrase, phrase || "\u00a0");
}
