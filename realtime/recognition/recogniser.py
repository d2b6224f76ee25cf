"""Incremental recognition: the PB is refined as the window slides (paper, section 2.3.3)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from engines.engine import Engine, Progress, no_progress
from engines.model.shape import LANDMARKS, PB
from realtime.core.messages import Estimate, Floats, Window


@dataclass(frozen=True, slots=True)
class RecognitionConfig:
    """Steps per tick, window length in `frames`, and the PB speed below which it has settled."""

    steps: int
    frames: int
    carry: float  # share of the last PB that the next tick starts from; 0 starts from zero
    settled_speed: float  # of the PB per second

    def __post_init__(self) -> None:
        if self.steps < 1 or self.frames < 2 or self.settled_speed < 0 or not 0 <= self.carry <= 1:
            raise ValueError(
                f"{self}: want steps >= 1, frames >= 2, settled_speed >= 0, carry from 0 to 1"
            )


class Recogniser:
    """Incremental recognition with one network: a few gradient steps on the PB per tick (Eq. 1-2).

    Owned by the recognition thread, as its engine is.
    """

    def __init__(self, engine: Engine, loop: RecognitionConfig) -> None:
        self._engine = engine
        self._loop = loop
        self._pb: Floats | None = None
        self._at_s = 0.0

    def reset(self) -> None:
        """Start the next expression from a zero PB, as in the paper."""
        self._pb = None

    def tick(self, window: Window, steps: int | None = None) -> Estimate:
        """Return the refined PB for `window` and its loss; `steps` overrides the configuration."""
        steps = steps or self._loop.steps
        start = (
            np.zeros(PB, np.float32)
            if self._pb is None
            else np.asarray(self._loop.carry * self._pb, np.float32)
        )
        refined = self._engine.refine(*self._padded(window), start[None], steps)
        pb = refined.pb[0].copy()
        speed = self._speed(pb, window.ended_at_s)
        self._pb, self._at_s = pb, window.ended_at_s
        settled = speed is not None and speed < self._loop.settled_speed
        return Estimate(
            pb, float(refined.loss[0]), float(refined.gradient_norm[0]), steps, speed, settled
        )

    def _speed(self, pb: Floats, at_s: float) -> float | None:
        """Return the PB's speed per second since the last tick; None in the first."""
        if self._pb is None or at_s <= self._at_s:
            return None
        return float(np.linalg.norm(pb - self._pb)) / (at_s - self._at_s)

    def _padded(self, window: Window) -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.int64]]]:
        """Pad the window to the fixed length of the engine, so that shapes never change."""
        length = len(window.motion)
        padded = np.zeros((1, self._loop.frames, LANDMARKS), np.float32)
        padded[0, :length] = window.motion
        return padded, np.array([length])


class RecogniserSet:
    """The networks' recognisers, in the bundle's order.

    `close` releases the engines, unless others own them.
    """

    def __init__(
        self, engines: Sequence[Engine], loop: RecognitionConfig, *, owns_engines: bool = True
    ) -> None:
        self._engines = {engine.network.name: engine for engine in engines}
        self._all = {name: Recogniser(engine, loop) for name, engine in self._engines.items()}
        self._frames, self._owns_engines = loop.frames, owns_engines
        self.steps = loop.steps  # a tick; fewer when the budget says so

    @property
    def names(self) -> tuple[str, ...]:
        """Return the network names."""
        return tuple(self._all)

    def warm_up(self, progress: Progress = no_progress) -> None:
        """Prepare the engines for the first tick; `progress` receives a line on slow steps."""
        for engine in self._engines.values():
            engine.warm_up(self._frames, progress)

    def tick(self, window: Window) -> tuple[Estimate, ...]:
        """Return one estimate per network."""
        return tuple(recogniser.tick(window, self.steps) for recogniser in self._all.values())

    def tick_subset(self, window: Window, names: Collection[str]) -> dict[str, Estimate]:
        """Return one estimate for each network in `names`."""
        asked = [(name, recogniser) for name, recogniser in self._all.items() if name in names]
        return {name: recogniser.tick(window, self.steps) for name, recogniser in asked}

    def generate(self, name: str, pbs: Floats, start: Floats, frames: int) -> Floats:
        """Generate from one shape (80,) under PBs (n, 64) -> (n, frames, 80)."""
        return self._engines[name].generate(pbs, np.repeat(start[None], len(pbs), axis=0), frames)

    def reset(self) -> None:
        """End the current expression."""
        for recogniser in self._all.values():
            recogniser.reset()

    def close(self) -> None:
        """Release the engines that belong to this set."""
        for engine in self._engines.values() if self._owns_engines else ():
            engine.close()
