"""Blend shapes of the demo clip's face: control points around dlib's 68 landmarks.

All lengths are pixels of the portrait (`calibrate.demo.face_warp`), whose eyes are 43 px apart. The
portrait smiles, so the neutral face is itself a shape, `relax`, that is always on. The numbers were
set by eye for this portrait.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MOVING_PX = (140, 40, 312, 208)  # left, top, right, bottom of the region that may move
MIDDLE_PX, HALF_MOUTH_PX = 223.5, 21.0  # of the smile, at the inner corners

# Rows of `Muscles.rest`; right and left are hers.
CHEEKS_AND_CHIN, RIGHT_BROW, LEFT_BROW = np.arange(17), np.arange(17, 22), np.arange(22, 27)
UPPER_LIP, LOWER_LIP = np.arange(36, 43), np.arange(43, 48)  # outer edges
# Edges towards the teeth; the upper one includes the corners of the mouth.
UPPER_EDGE, LOWER_EDGE = np.arange(48, 57), np.arange(57, 64)
RIGHT_FOREHEAD, LEFT_FOREHEAD = np.arange(64, 67), np.arange(67, 70)
# Right upper, right lower, left upper, left lower.
LIDS = tuple(np.arange(first, first + 7) for first in (70, 77, 84, 91))
UNDER_RIGHT_BROW, UNDER_LEFT_BROW = np.arange(98, 103), np.arange(103, 108)

# From the temple to the nose: 10 to 15 % of the interocular distance.
BROW_LIFT_PX = np.array([4.2, 6.0, 6.4, 6.0, 5.0])
CHIN_SHARE = np.interp(np.abs(np.arange(17) - 8), [0, 1, 3, 5, 6, 8], [1, 0.97, 0.7, 0.25, 0.1, 0])


@dataclass(frozen=True, slots=True)
class DrawnExpression:
    """Weights of the blend shapes: 0 is neutral, 1 full surprise (for `blink`: eyes closed)."""

    brow_right: float = 0.0
    brow_left: float = 0.0
    lids: float = 0.0
    blink: float = 0.0
    jaw: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Muscles:
    """Control points `rest` (n, 2) of the portrait and the offsets (n, 2) of each shape."""

    rest: Array
    relax: Array
    shapes: dict[str, Array]

    def moved(self, expression: DrawnExpression) -> Array:
        """Return the control points (n, 2) under an expression."""
        moved: Array = self.rest + self.relax
        for name, shape in self.shapes.items():
            moved = moved + getattr(expression, name) * shape
        return moved


def build_muscles(points: Array) -> Muscles:
    """Return control points and shapes for the portrait's landmarks (68, 2)."""
    rest = _control_points(points)
    relax, jaw = _mouth(rest)
    shapes = _brows(rest) | _eyes(rest) | {"jaw": jaw}
    return Muscles(rest, relax, shapes)


def edges_of_lips(rest: Array) -> tuple[Array, Array]:
    """Return the edges (9, 2) of upper and lower lip towards the teeth, corner to corner."""
    upper = rest[UPPER_EDGE]
    return upper, np.concatenate([upper[:1], rest[LOWER_EDGE], upper[-1:]])


def _control_points(points: Array) -> Array:
    upper, lower = points[[60, 61, 62, 63, 64]], points[[60, 67, 66, 65, 64]]
    upper[1:-1, 1] -= 0.5  # dlib places these on the teeth
    lower[1:-1, 1] -= 1.3  # and these on the lip
    lips = [points[48:60], _parabola(upper, 9), _parabola(lower, 9)[1:-1]]
    forehead = np.array([(x, points[17:27, 1].min() - 9) for x in (192, 201, 211, 239, 249, 259)])
    lids = [*_lids(points[36:42], -1), *_lids(points[[45, 44, 43, 42, 47, 46]], 1)]
    under_brows = np.add(points[17:27], (0, 3.2))  # or a blink would pull at the brows
    return np.concatenate([points[:36], *lips, forehead, *lids, under_brows, _still()])


def _parabola(points: Array, count: int) -> Array:
    x = np.linspace(points[0, 0], points[-1, 0], count)
    return np.stack([x, np.polyval(np.polyfit(points[:, 0], points[:, 1], 2), x)], 1)


def _lids(eye: Array, outwards: int) -> list[Array]:
    """Return upper and lower lid between the corners; `eye` (6, 2) starts at the outer corner."""
    # dlib stops at the white of the eye; the lashes extend beyond it.
    outer = np.add(eye[0], (2.5 * outwards, -0.5))
    return [
        _parabola(np.stack([outer, *lid, eye[3]]), 9)[1:-1] for lid in (eye[[1, 2]], eye[[5, 4]])
    ]


def _still() -> Array:
    """Return fixed points: hair, ears, neck, corners of the eyes and edge of the moving region."""
    left, top, right, bottom = MOVING_PX
    edge = [(x, y) for x in np.linspace(left, right, 8) for y in (top, bottom)]
    edge += [(x, y) for y in np.linspace(top, bottom, 8)[1:-1] for x in (left, right)]
    hair, neck = [(x, 68) for x in range(180, 276, 16)], [(x, 194) for x in range(190, 260, 14)]
    corners = [(192, 100.5), (213.5, 103.5), (237, 105), (259, 103.5)]
    return np.array([*edge, *hair, *neck, (170, 110), (282, 110), *corners], dtype=float)


def _brows(rest: Array) -> dict[str, Array]:
    right, left = np.zeros_like(rest), np.zeros_like(rest)
    right[RIGHT_BROW, 1] = right[UNDER_RIGHT_BROW, 1] = -BROW_LIFT_PX
    left[LEFT_BROW, 1] = left[UNDER_LEFT_BROW, 1] = -BROW_LIFT_PX[::-1]
    right[RIGHT_FOREHEAD, 1] = left[LEFT_FOREHEAD, 1] = -2.2
    return {"brow_right": right, "brow_left": left}


def _eyes(rest: Array) -> dict[str, Array]:
    wide, blink = np.zeros_like(rest), np.zeros_like(rest)
    for upper, lower in (LIDS[:2], LIDS[2:]):
        opening = rest[lower, 1] - rest[upper, 1]
        wide[upper, 1], wide[lower, 1] = -0.33 * opening, 0.06 * opening
        blink[upper, 1], blink[lower, 1] = 0.82 * opening, -0.12 * opening
    return {"lids": wide, "blink": blink}


def _mouth(rest: Array) -> tuple[Array, Array]:
    """Return the shapes of the closed, neutral mouth and of the dropped jaw with an oval mouth."""
    relax, jaw = np.zeros_like(rest), np.zeros_like(rest)
    mouth = np.concatenate([UPPER_LIP, LOWER_LIP, UPPER_EDGE, LOWER_EDGE])
    across = (rest[:, 0] - MIDDLE_PX) / HALF_MOUTH_PX
    side, middle = across**2, np.clip(1 - across**2, 0, 1)
    relax[mouth, 0], jaw[mouth, 0] = -4.0 * across[mouth], -4.2 * across[mouth]
    _close(rest, relax, middle)
    jaw[mouth, 1] = 4.5 * side[mouth]
    for rows, drop_px in ((UPPER_LIP, -0.8), (UPPER_EDGE, -0.6)):
        jaw[rows, 1] += drop_px * middle[rows]
    for rows, drop_px, bend in ((LOWER_LIP, 10.5, 0.7), (LOWER_EDGE, 11.0, 0.6)):
        jaw[rows, 1] += drop_px * middle[rows] ** bend
    relax[CHEEKS_AND_CHIN, 1], jaw[CHEEKS_AND_CHIN, 1] = -1.2 * CHIN_SHARE, 8.5 * CHIN_SHARE
    return relax, jaw


def _close(rest: Array, relax: Array, middle: Array) -> None:
    """Lower the corners by 2 px and close both lips on the line between them, outer edges too."""
    upper, lower = edges_of_lips(rest)
    x, corners = upper[:, 0], np.add(upper[[0, -1]], (0, 2.0))
    line = np.interp(x, corners[:, 0], corners[:, 1]) + 0.3 * middle[UPPER_EDGE]
    relax[UPPER_EDGE, 1] = line - upper[:, 1]
    relax[LOWER_EDGE, 1] = (line + 0.5 * middle[UPPER_EDGE] - lower[:, 1])[1:-1]
    relax[UPPER_LIP, 1] = (
        np.interp(rest[UPPER_LIP, 0], x, line - upper[:, 1]) - 0.8 * middle[UPPER_LIP]
    )
    relax[LOWER_LIP, 1] = (
        np.interp(rest[LOWER_LIP, 0], x, line - lower[:, 1]) + 1.2 * middle[LOWER_LIP]
    )
