// Ages, rates and drops, behind the key d.

import { byId, html, setText } from "./dom.js";

const panel = byId("details"),
  button = byId("details-switch"),
  list = byId("facts");
const LOST_PSR = 8;

export function toggleDetails() {
  panel.hidden = !panel.hidden;
  button.setAttribute("aria-expanded", String(!panel.hidden));
  if (!panel.hidden) panel.scrollIntoView({ block: "nearest" });
}

export function showDetails(status, run) {
  if (panel.hidden) return;
  const facts = Object.entries(factsOf(status, run));
  while (list.children.length < facts.length) list.append(html("div", {}, html("dt"), html("dd")));
  while (list.children.length > facts.length) list.lastChild.remove();
  facts.forEach(([name, value], index) => {
    setText(list.children[index].children[0], name);
    setText(list.children[index].children[1], value);
  });
}

function factsOf(status, run) {
  const { age_ms: age, fps, frames, setting, faces } = status;
  const ms = (number) => `${number.toFixed(0)} ms`;
  return {
    "age of a reading": age
      ? `p50 ${ms(age.p50)}, p95 ${ms(age.p95)}, p99 ${ms(age.p99)}`
      : "none yet",
    "frames a second": `${fps.captured.toFixed(1)} in, ${fps.processed.toFixed(1)} out`,
    frames: `${frames.captured} captured, ${frames.processed} processed`,
    dropped: dropped(frames.dropped),
    "skipped readings": String(status.skipped_ticks),
    "faces not described": dropped(status.faces_not_described),
    "face searches not used": dropped(status.face_searches_unused),
    face: Number.isFinite(faces[0]?.psr) ? tracking(faces[0].psr) : "none",
    engine: `${setting.engine}, ${setting.window_s} s of movement every ${setting.stride_s} s`,
    ...(status.person ? { person: status.person.words } : {}),
    "this page": `${status.web.clients} connected, ${status.web.dropped} messages dropped`,
    ...(run?.version ? { version: run.version } : {})
  };
}

function dropped(reasons) {
  const named = Object.entries(reasons)
    .filter(([, count]) => count > 0)
    .sort();
  return named.length
    ? named.map(([reason, count]) => `${reason.replaceAll("_", " ")} ${count}`).join(", ")
    : "none";
}

function tracking(psr) {
  const grade = psr < LOST_PSR ? "too low" : psr < 15 ? "fair" : "high";
  return `tracking confidence (PSR) ${Math.trunc(psr)}, ${grade}; lost below ${LOST_PSR}`;
}

button.addEventListener("click", toggleDetails);
