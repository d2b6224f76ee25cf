// Words of the terminal gauge (realtime/view/phrases.py); a test holds both tables equal.

export const STATES = {
  "no_signal": "no picture from the source",
  "no_face": "no face in the picture",
  "warming_up": "collecting video of the face",
  "neutral": "no expression to judge",
  "poor_view": "the face cannot be seen well enough",
  "other_emotion": "the movement does not look like {emotion}",
  "judging": "still judging, the needle may move",
  "settled": "the reading has settled",
  "uncertain": "undecided"
};
// Highest percent genuine, phrase, side.
export const TENDENCIES = [
  [25, "looks fake", "fake"],
  [45, "leans fake", "fake"],
  [54, "could be either", "either"],
  [74, "leans genuine", "genuine"],
  [100, "looks genuine", "genuine"]
];
export const WAITING = "waiting for the first picture";
const TOO_CLOSE = "undecided: too close to 50 %"; // of the average over a run
export const NOTHING_JUDGED = "nothing judged yet";
export const NOTHING_TO_PLACE = "no movement to place between the prototypes now";
export const MARKS = { genuine: "○", fake: "✕", either: "◇", "": "" };

const WITH_NUMBER = new Set(["judging", "settled"]);

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

export function statePhrase(state, emotion) {
  const named = emotion === "any" || emotion === "auto" ? "any known emotion" : emotion;
  return (STATES[state] ?? stateName(state)).replace("{emotion}", named);
}

export const stateName = (state) => state.replaceAll("_", " ");

// Why there is no number; empty where the state's phrase says the same.
export function reason(verdict) {
  return verdict.reason === statePhrase(verdict.state, verdict.emotion) ? "" : verdict.reason;
}

// "72 % genuine, leans genuine"; for a withheld verdict its state.
export function reading(verdict) {
  const p = probability(verdict);
  return p === null ? stateName(verdict.state) : `${percent(p)} % genuine, ${tendency(p)}`;
}

// The verdict on the run so far; without a reading now it shows no number.
export function runWords(run, withNumber) {
  const p = run?.p_genuine ?? null;
  if (p === null) return NOTHING_JUDGED;
  const seconds = `, from ${run.judged_s.toFixed(1)} s of judged movement`;
  if (run.state === "uncertain") return (withNumber ? TOO_CLOSE : "undecided") + seconds;
  return (withNumber ? `${percent(p)} % genuine, ${tendency(p)}` : tendency(p)) + seconds;
}
