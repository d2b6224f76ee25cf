// Speaks changes of the state to screen readers, at a rate that leaves time to listen.

import { byId, setText } from "./dom.js";
import { percentGenuine, probability, statePhrase, tendency } from "./words.js";

const REST_MS = 4000; // between two sentences
const STEADY_MS = 700; // a state shorter than this is not spoken
const region = byId("speech");
let topic = "",
  since = 0,
  spokenTopic = "",
  spokenAt = -Infinity;

function topicOf(verdict) {
  const p = probability(verdict);
  return p === null ? verdict.state : `${verdict.state} ${tendency(p)}`;
}

function sentence(verdict) {
  const p = probability(verdict),
    phrase = statePhrase(verdict.state, verdict.emotion);
  return p === null ? phrase : `${tendency(p)}, ${percentGenuine(p)}; ${phrase}`;
}

// Consider what is shown now; `words` are said instead of a verdict while nothing is of now.
export function speak(verdict, words, now_ms) {
  const named = words || (verdict ? topicOf(verdict) : "");
  if (named !== topic) [topic, since] = [named, now_ms];
  const steady = now_ms - since >= STEADY_MS,
    rested = now_ms - spokenAt >= REST_MS;
  if (!named || named === spokenTopic || !steady || !rested) return;
  [spokenTopic, spokenAt] = [named, now_ms];
  setText(region, words || sentence(verdict));
}
