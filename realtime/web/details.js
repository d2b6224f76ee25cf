// Ages, rates and drops, behind the key d.

import { byId, html, setText } from "./dom.js";
import { text } from "./words.js";

const panel = byId("details"),
  map = byId("map-panel"),
  button = byId("details-switch"),
  list = byId("facts");
const LOST_PSR = 8;

export function toggleDetails() {
  panel.hidden = map.hidden = !panel.hidden;
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
  const { age_ms: age, fps, frames, setting, faces, verdict } = status;
  const whole = (number) => number.toFixed(0),
    tenth = (number) => number.toFixed(1);
  const shown = faces[0]?.expression?.words;
  return {
    ...(verdict?.reason ? { [text("page.reason")]: verdict.reason } : {}),
    ...(shown ? { [text("label.shows")]: shown } : {}),
    ...(status.words?.onset ? { [text("label.onset")]: status.words.onset } : {}),
    [text("page.age")]: age
      ? text("page.ages", { p50: whole(age.p50), p95: whole(age.p95), p99: whole(age.p99) })
      : text("page.none_yet"),
    [text("page.rate")]: text("page.rates", {
      captured: tenth(fps.captured),
      processed: tenth(fps.processed)
    }),
    [text("label.frames")]: text("page.frames", frames),
    [text("page.dropped")]: dropped(frames.dropped),
    [text("page.skipped")]: String(status.skipped_ticks),
    [text("page.not_described")]: dropped(status.faces_not_described),
    [text("page.unused")]: dropped(status.face_searches_unused),
    [text("label.face")]: Number.isFinite(faces[0]?.psr) ? tracking(faces[0].psr) : text("none"),
    ...(Number.isFinite(verdict?.misfit)
      ? { [text("page.error")]: verdict.misfit.toFixed(2) }
      : {}),
    [text("label.engine")]: `${setting.engine}, ${text("engine.timing", {
      window: setting.window_s,
      stride: setting.stride_s
    })}`,
    ...(status.person ? { [text("label.person")]: status.person.words } : {}),
    [text("page.this")]: text("page.clients", status.web),
    ...(run?.version ? { [text("page.version")]: run.version } : {})
  };
}

function dropped(reasons) {
  const named = Object.entries(reasons)
    .filter(([, count]) => count > 0)
    .sort();
  return named.length
    ? named.map(([reason, count]) => `${reason.replaceAll("_", " ")} ${count}`).join(", ")
    : text("none");
}

function tracking(psr) {
  const grade = text(`tracking.${psr < LOST_PSR ? "low" : psr < 15 ? "fair" : "high"}`);
  return text("tracking", { psr: Math.trunc(psr), grade, lost: LOST_PSR });
}

button.addEventListener("click", toggleDetails);
