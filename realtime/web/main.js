// Wires the page: messages go into the model, the model onto the page.

import { Connection, address } from "./connection.js";
import { showDetails } from "./details.js";
import { showNeedle } from "./dial.js";
import { byId, setText } from "./dom.js";
import { setLines, showFaces } from "./face.js";
import { showGuide } from "./guide.js";
import { showHistory } from "./history.js";
import { enableKeys, setKeys, startKeys } from "./keys.js";
import { Model } from "./model.js";
import { setLimits, showTrail } from "./pb_map.js";
import { showAnswers, showNotLive, showReading } from "./readout.js";
import { showFaceRows, showRows, withholdRows } from "./rows.js";
import { speak } from "./speech.js";
import { probability, runWords, text, writeTexts } from "./words.js";

const LOOK_MS = 100;
const model = new Model(),
  video = byId("video"),
  note = byId("note");
let link = "connecting",
  linkWords = text("page.connecting"),
  live = false,
  run = null;

writeTexts();
const connection = new Connection(receive, setLink);
startKeys((key) => connection.send({ key }));

function receive(message) {
  const now_ms = performance.now(),
    isNew = model.take(message, now_ms);
  if (message.type === "hello") greet(message);
  else if (message.type === "run") run = message;
  else if (message.type === "history") showHistory(model.history, model.stride_s);
  else if (message.type === "status") showStatus(message);
  setLive(model.isLive(now_ms));
  if (isNew && live) showVerdict();
}

function greet(hello) {
  setLines(hello.lines);
  setLimits(hello.pb_limits);
  setKeys(hello.keys);
  enableKeys(false);
  showVideo(hello.video);
}

function showVerdict() {
  showNeedle(model.verdict);
  showReading(model.verdict);
  showHistory(model.history, model.stride_s);
  showRun();
}

function showRun() {
  setText(
    byId("so-far"),
    runWords(model.status?.run_verdict, live && probability(model.verdict) !== null)
  );
}

function showStatus(status) {
  const { setting, source_format: format } = status;
  setText(byId("emotion"), status.label || setting.emotion);
  setText(byId("source"), format ? `${setting.source}, ${format}` : setting.source);
  byId("recording").hidden = !status.recording;
  showGuide(status);
  note.hidden = !status.notice || !model.verdict;
  setText(note, status.notice);
  if (!model.verdict) showReading(null, status.notice);
  if (live && model.verdict) showAnswers(status.answers, status.verdict);
  showRun();
  showRows(status);
  showFaceRows(status);
  showFaces(status.faces, status.ghosts, status.picture?.size_px);
  byId("ghost-legend").hidden = !status.ghosts;
  showTrail(status.pb.trail);
  showDetails(status, run);
}

// A picture that stands still is no picture of now: it goes with the connection.
function showVideo(on) {
  video.hidden = !on;
  byId("face").classList.toggle("unused", on);
  if (on) video.src = address("/video", { at: Date.now() });
  else video.removeAttribute("src");
}

function setLink(name, words) {
  [link, linkWords] = [name, words];
  model.forget();
  showVideo(false);
  showGuide(null); // takes are gone with the gauge
  setLive(false);
}

function setLive(now) {
  if (now) [link, linkWords] = ["live", text("page.live")];
  else if (link === "live") [link, linkWords] = ["stale", text("page.stale")];
  if (now !== live) {
    live = now;
    enableKeys(live);
    if (live && model.verdict) showVerdict();
  }
  if (document.body.dataset.link !== link) document.body.dataset.link = link;
  setText(
    byId("link"),
    text(link === "live" || link === "connecting" ? `page.${link}` : "page.not_live")
  );
  if (!live) showOld();
}

function showOld() {
  showNeedle(null);
  document.body.dataset.state = "";
  showNotLive(linkWords);
  withholdRows();
  showRun();
}

setInterval(() => {
  const now_ms = performance.now();
  setLive(model.isLive(now_ms));
  speak(
    live ? model.verdict : null,
    live || link === "connecting" ? "" : `${text("page.not_live")}: ${linkWords}`,
    now_ms
  );
}, LOOK_MS);

connection.connect();
