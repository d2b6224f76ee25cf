"""Mirror-symmetric basis of movement: the coordinates of the networks.

The side of an asymmetry does not depend on the emotion, its size does. Movement is split into a
symmetric and an asymmetric part, and only the size of the latter is used. Of the landmarks these
are principal components; the appearance, where it is seen, comes in such components.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engines.model.shape import LANDMARKS, POINTS
from realtime.core.messages import Floats
from realtime.landmarks.appearance import APPEARANCE, SYMMETRIC

Reals = NDArray[np.floating[Any]]

LIMIT = 1.5  # a little beyond the network's tanh, which ends at 1

# Mirror partner of each of the 40 points; rows: brows, nose, eyes, mouth, midpoints.
MIRROR = np.array(
    [
        *range(9, -1, -1),
        *(10, 15, 14, 13, 12, 11),
        *(25, 24, 23, 22, 27, 26, 19, 18, 17, 16, 21, 20),
        *(32, 31, 30, 29, 28, 35, 34, 33),
        *(37, 36, 39, 38),
    ]
)


def mirrored(values: Floats) -> Floats:
    """Return `values` (..., D) with each point swapped with its mirror point; signs unchanged."""
    x, y, rest = np.split(values, (POINTS, LANDMARKS), axis=-1)
    return np.concatenate((x[..., MIRROR], y[..., MIRROR], rest), axis=-1)


def mirror(movement: Floats) -> Floats:
    """Return movement (..., D) mirrored: points swapped, horizontal movement and antisymmetric
    appearance negated.
    """
    swapped = mirrored(movement)
    sign = np.ones(movement.shape[-1], np.float32)
    sign[:POINTS] = sign[LANDMARKS + SYMMETRIC :] = -1
    return np.asarray(swapped * sign, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class MovementBasis:
    """`directions` (80, D), orthonormal rows or zero: 40 symmetric, then 40 asymmetric.

    `spread` scales the coordinates to the range of the network. D is the width of a shape.
    """

    directions: Floats
    spread: float

    def __post_init__(self) -> None:
        shapes = (LANDMARKS, LANDMARKS), (LANDMARKS, LANDMARKS + APPEARANCE)
        if self.directions.shape not in shapes or not np.isfinite(self.directions).all():
            raise ValueError(
                f"directions: {self.directions.shape}; want {shapes[0]} or {shapes[1]}, finite"
            )
        if not self.spread > 0:
            raise ValueError(f"spread is {self.spread}; want a number above 0")

    def encode(self, movement: Floats) -> Floats:
        """Return network inputs (..., 80) for movement (..., D) in movement ranges."""
        folded = movement @ (self.directions.T / self.spread)
        folded[..., POINTS:] = np.abs(folded[..., POINTS:])
        return np.asarray(np.clip(folded, -LIMIT, LIMIT), np.float32)

    def decode(self, folded: Floats) -> Floats:
        """Return the landmarks' movement (..., 80) for network outputs; asymmetry goes to the
        positive side.
        """
        return np.asarray(folded @ (self.directions[:, :LANDMARKS] * self.spread), np.float32)


def fit_basis(
    movement: Floats, symmetric_components: int, asymmetric_components: int, headroom: float
) -> MovementBasis:
    """Fit the largest symmetric and asymmetric directions of `movement` (n, D).

    The landmarks' RMS coordinate becomes 1 / `headroom`. Appearance takes the rows that are left.
    """
    appearance = movement.shape[1] - LANDMARKS
    if appearance and max(symmetric_components, asymmetric_components) > POINTS - SYMMETRIC:
        raise ValueError(
            f"{symmetric_components} and {asymmetric_components} components leave no room for the "
            f"appearance; want at most {POINTS - SYMMETRIC} each"
        )
    points = movement[:, :LANDMARKS]
    turned = mirror(points)
    even, odd = (points + turned) / 2, (points - turned) / 2
    directions = np.zeros((LANDMARKS, movement.shape[1]))
    same = np.eye(LANDMARKS, dtype=np.float32)
    directions[:symmetric_components, :LANDMARKS] = principal_directions(
        even, symmetric_components, same + mirror(same)
    )
    directions[POINTS : POINTS + asymmetric_components, :LANDMARKS] = principal_directions(
        odd, asymmetric_components, same - mirror(same)
    )
    for number in range(appearance):
        first = symmetric_components if number < SYMMETRIC else POINTS + asymmetric_components
        directions[first + number % SYMMETRIC, LANDMARKS + number] = 1
    spread = headroom * float(np.sqrt(np.square(points).sum() / points.size))
    return MovementBasis(np.asarray(directions, np.float32), spread)


def principal_directions(movement: Reals, count: int, within: Reals | None = None) -> Floats:
    """Return the `count` largest principal directions (count, 80) about zero, with stable signs.

    If the movement has fewer, the span of the symmetric matrix `within` (80, 80) fills the rest.
    """
    rows = np.asarray(movement, np.float64)
    squares = rows.T @ rows / len(rows)
    if within is not None:
        squares += 1e-9 * np.trace(squares) * within
    found = np.linalg.eigh(squares)[1][:, ::-1][:, :count].T
    return np.asarray(found * _signs(found)[:, None], np.float32)


def _signs(directions: Reals) -> Reals:
    """Return the sign (n,) of the largest coordinate, the first one among near ties.

    The halves of a face move alike, so each coordinate occurs twice, often with both signs.
    """
    size = np.abs(directions)
    first = (size > 0.999 * size.max(axis=1, keepdims=True)).argmax(axis=1)
    return np.asarray(np.sign(directions[np.arange(len(directions)), first]))
