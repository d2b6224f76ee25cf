// The face as a line drawing from its 40 points, with both ghosts where they are shown.

import { byId, fixed, patch, setLabel } from "./dom.js";
import { text } from "./words.js";

const WIDTH = 320,
  HEIGHT = 200,
  EYES = 84; // width between the eyes of a drawn face
const FIRST_EYE = [16, 22],
  SECOND_EYE = [22, 28];
const SMOOTH = 0.35;
const root = byId("face");
const NOBODY = [
  "path",
  { class: "nobody", d: "M160 28c34 0 54 27 54 66s-22 76-54 76-54-37-54-76 20-66 54-66Z" }
];
let lines = [],
  place = null;

export function setLines(named) {
  lines = named;
}

// Draw the faces of a status, the first one large; `size_px` is the picture's.
export function showFaces(faces, ghosts, size_px) {
  const drawn = faces.filter((face) => face.points_px);
  if (drawn.length === 0) place = null;
  const spot =
    drawn.length > 1 && size_px
      ? whole(size_px)
      : drawn.length === 1
        ? follow(drawn[0].points_px)
        : null;
  const parts = spot
    ? drawn.flatMap((face) => drawFace(face, spot, face === faces[0]))
    : [NOBODY];
  patch(root, spot && ghosts ? [...parts, ...drawGhosts(ghosts, spot)] : parts);
  setLabel(
    root,
    drawn.length === 0
      ? text("page.no_face")
      : drawn.length === 1
        ? text("page.outline")
        : text("page.outlines", { count: drawn.length })
  );
}

const mean = (points) =>
  [0, 1].map((axis) => points.reduce((sum, at) => sum + at[axis], 0) / points.length);

// Where a single face is drawn: centred, eyes at a fixed distance, following slowly.
function follow(points) {
  const [one, other] = [mean(points.slice(...FIRST_EYE)), mean(points.slice(...SECOND_EYE))];
  const apart = Math.max(1, Math.hypot(other[0] - one[0], other[1] - one[1]));
  const wanted = { scale: EYES / apart, middle: mean(points) };
  const far =
    place &&
    Math.hypot(wanted.middle[0] - place.middle[0], wanted.middle[1] - place.middle[1]) > 2 * apart;
  if (!place || far) place = wanted;
  const mix = (old, goal) => old + SMOOTH * (goal - old);
  place = {
    scale: mix(place.scale, wanted.scale),
    middle: place.middle.map((old, axis) => mix(old, wanted.middle[axis]))
  };
  return ([x, y]) => [
    fixed(WIDTH / 2 + place.scale * (x - place.middle[0])),
    fixed(HEIGHT / 2 + 4 + place.scale * (y - place.middle[1]))
  ];
}

function whole([width, height]) {
  const scale = Math.min(WIDTH / width, HEIGHT / height);
  return ([x, y]) => [
    fixed((WIDTH - scale * width) / 2 + scale * x),
    fixed((HEIGHT - scale * height) / 2 + scale * y)
  ];
}

function drawFace(face, spot, first) {
  const points = face.points_px.map(spot);
  const parts = [
    ["path", { class: first ? "outline" : "outline other", d: outline(points) }],
    ["path", { class: "points", d: points.map(([x, y]) => `M${x} ${y}h.1`).join("") }]
  ];
  if (face.id > 0) {
    const top = points.reduce((high, at) => (at[1] < high[1] ? at : high));
    parts.push(["text", { x: top[0], y: top[1] - 8, class: "face-number" }, String(face.id)]);
  }
  return parts;
}

function drawGhosts(ghosts, spot) {
  const [genuine, fake] = [ghosts.genuine_px.map(spot), ghosts.fake_px.map(spot)];
  const cross = ([x, y]) => `M${fixed(x - 4)} ${fixed(y - 4)}l8 8m0-8l-8 8`;
  return [
    ["path", { class: "ghost genuine", d: outline(genuine) }],
    ["path", { class: "ghost fake", d: outline(fake) }],
    [
      "path",
      {
        class: "apart",
        d: ghosts.most_different
          .map((n) => `M${genuine[n].join(" ")}L${fake[n].join(" ")}`)
          .join("")
      }
    ],
    ...ghosts.most_different.map((n) => [
      "circle",
      { class: "ring genuine", cx: genuine[n][0], cy: genuine[n][1], r: 4 }
    ]),
    ["path", { class: "cross fake", d: ghosts.most_different.map((n) => cross(fake[n])).join("") }]
  ];
}

const outline = (points) =>
  lines.map((line) => curve(line.map((number) => points[number]))).join("");

// A smooth curve through the points (Catmull-Rom as cubic Bezier); closed where it ends at its start.
function curve(points) {
  if (points.length < 4) return `M${points.map((at) => at.join(" ")).join("L")}`;
  const closed = points[0] === points.at(-1),
    count = points.length - (closed ? 1 : 0);
  const at = (index) =>
    points[closed ? (index + count) % count : Math.min(points.length - 1, Math.max(0, index))];
  let path = `M${points[0].join(" ")}`;
  for (let index = 0; index < points.length - 1; index += 1) {
    const [before, from, to, after] = [-1, 0, 1, 2].map((step) => at(index + step));
    const first = [0, 1].map((axis) => fixed(from[axis] + (to[axis] - before[axis]) / 6));
    const second = [0, 1].map((axis) => fixed(to[axis] - (after[axis] - from[axis]) / 6));
    path += `C${first.join(" ")} ${second.join(" ")} ${to.join(" ")}`;
  }
  return path;
}
