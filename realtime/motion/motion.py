"""The motion stage: landmarks in, movement windows out. Owned by the vision thread."""

from __future__ import annotations

import numpy as np

from realtime.core.messages import Face, Floats, Image, Landmarks, Onset, Showing, Tick, Window
from realtime.motion.align import shape_of
from realtime.motion.basis import MovementBasis
from realtime.motion.onset_meter import OnsetMeter
from realtime.motion.resample import Times, WindowTiming, resample_shapes
from realtime.motion.shape_buffer import GAP_S, ShapeBuffer
from realtime.person.cut_detector import CutDetector
from realtime.person.expression_watch import ExpressionWatch
from realtime.person.population import Population
from realtime.person.stats import PersonStats, intensities
from realtime.person.tracker import ExpectedPerson, ExpressionThresholds, PersonTracker

AWAY_S = 2.0  # after a longer absence the next face may be another person
INTENSITY_S = 0.5  # longer than a blink


class MotionStage:
    """Hold the shape buffer and the person tracker, and return movement windows."""

    def __init__(
        self,
        timing: WindowTiming,
        population: Population,
        basis: MovementBasis,
        fixed_stats: PersonStats | None = None,
        *,
        thresholds: ExpressionThresholds | None = None,
        expected: ExpectedPerson | None = None,
    ) -> None:
        """Enrol the person online, from what is `expected`; `fixed_stats` replace enrolment."""
        self.timing = timing
        self.person = PersonTracker(timing.window_s, population, thresholds, expected)
        self._population, self._basis, self._known = population, basis, fixed_stats
        self._shapes = ShapeBuffer(timing.window_s)
        self._onset = OnsetMeter(thresholds)
        self._cuts = CutDetector()
        rest = thresholds.rest if thresholds is not None else None
        self._watch = ExpressionWatch(rest) if rest is not None else None
        self._watched = 0  # the person it knows
        self.neutral_at_s: float | None = None  # from then on the next face is taken for neutral
        self.showing: Showing | None = None  # None without a read-out
        self._last_s = float("inf")
        self._newest: Image | None = None  # crop of the frame before, if its view was clear

    def add(self, landmarks: Landmarks, clear: bool = True) -> None:
        """Add the landmarks of one frame; a poor view adds neither movement nor neutral."""
        away_s, self._last_s = landmarks.captured_at_s - self._last_s, landmarks.captured_at_s
        if away_s > AWAY_S:
            self.person.depart()
        shape = shape_of(landmarks, self._population.width) if clear else None
        crop = landmarks.crop if clear else None
        if away_s > GAP_S or shape is None or self._cuts.is_cut(self._newest, crop):
            self._clear()
            self.person.interrupt()
        self._newest = crop
        if shape is not None:
            self.showing = self._watch_expression(landmarks)
            if self.neutral_at_s is not None and landmarks.captured_at_s >= self.neutral_at_s:
                self.neutral_at_s = None
                self.reset_neutral()
                self.showing = self.showing and Showing.REST
            self._shapes.append(landmarks.captured_at_s, shape)
            watch = self._watch if self.showing is not None else None
            self._onset.append(landmarks.captured_at_s, shape, watch is not None and watch.sure)
            shown = watch.for_neutral if watch is not None else Showing.REST
            seen = landmarks.expression
            read_out = seen.values if seen is not None else None
            self.person.add(landmarks.captured_at_s, shape, shown, read_out)

    def reset_neutral(self) -> None:
        """Take the face as it is now for neutral: the user says so."""
        self.person.reset()
        if self._watch is not None:
            self._watch.take_as_rest()
            self._watched = self.person.person_id

    def discard(self) -> None:
        """Drop the newest shapes, which were another face's."""
        self._clear()
        self._newest = None
        self.person.discard()

    def recognise(self, descriptor: Floats) -> None:
        """Tell the person by a descriptor (128,) of the present stretch.

        A change that no interruption announced starts the window again.
        """
        if self.person.recognise(descriptor):
            self._clear()

    def newest_shapes(self) -> tuple[Times, Floats] | None:
        """Return times (T,) and shapes (T, D) of the newest window, or None below `min_window_s`.

        They do not depend on what is known of the person.
        """
        if len(self._shapes) < 2:
            return None
        at_s, shapes = resample_shapes(*self._shapes.arrays(), self.timing)
        return None if len(at_s) < self.timing.min_frames else (at_s, shapes)

    def window(self) -> tuple[Window, float] | None:
        """Return the newest window and its intensity, or None below `min_window_s`."""
        found = self.newest_shapes()
        if found is None:
            return None
        at_s, shapes = found
        intensity = self._intensity(shapes)
        self.person.set_intensity(intensity)
        profile = self._population.profile_of(shapes, self._known or self.person.stats())
        return movement_window(at_s, profile.movement(shapes), self._basis), intensity

    def onset(self) -> Onset | None:
        """Return the onset of the expression that is there now, as far as it was seen.

        Where the neutral is not known, it counts if the read-out was not sure of an expression when
        it began: what begins in an expression, as a laugh in a smile, does not begin at rest.
        """
        if self._onset.empty:  # the neutral face takes time to compute
            return None
        onset = self._onset.measure(self._neutral(), self._population.movement_range)
        if onset is None or self.neutral_known or not self._onset.sure_at(onset.start_s):
            return onset
        return None

    def _clear(self) -> None:
        self._shapes.clear()
        self._onset.clear()

    def _intensity(self, shapes: Floats) -> float:
        return movement_intensity(
            shapes, self._neutral(), self._population.movement_range, self.timing.rate_hz
        )

    @property
    def neutral_known(self) -> bool:
        """Whether the neutral has been seen; any face is taken for it without a read-out."""
        return self._known is not None or self.person.neutral_known

    def _watch_expression(self, landmarks: Landmarks) -> Showing | None:
        if self._watch is None or landmarks.expression is None:
            return None
        if self.person.person_id != self._watched:
            self._watch.reset()
            self._watched = self.person.person_id
        known = self._watch.held_look
        showing = self._watch.add(landmarks.captured_at_s, landmarks.expression)
        if self._watch.held_look is not None and self._watch.held_look is not known:
            self.person.take_look_as_rest(self._watch.held_look)
        return showing

    def _neutral(self) -> Floats | None:
        """Return the neutral for intensity: for an unknown person the stream's, not the
        population's guess.
        """
        known = self._known or (self.person.stats() if self.person.is_expected else None)
        return known.neutral if known else self.person.neutral()


def movement_window(at_s: Times, movement: Floats, basis: MovementBasis) -> Window:
    """Return the window of `movement` (T, D) at times (T,) as the networks see it."""
    return Window(basis.encode(movement), float(at_s[0]), float(at_s[-1]))


def movement_intensity(
    shapes: Floats, neutral: Floats | None, movement_range: Floats, rate_hz: float
) -> float:
    """Return the median distance from neutral over the last half second, in movement ranges."""
    newest = shapes[-max(1, round(INTENSITY_S * rate_hz)) :]
    away = newest - (neutral if neutral is not None else newest.mean(axis=0))
    return float(np.median(intensities(np.asarray(away / movement_range, np.float32))))


def make_tick(
    motion: MotionStage,
    frame: int,
    read_at_s: float,
    at_s: float,
    face: Face | None,
    seen: Landmarks | None,
) -> Tick:
    """Return the tick of the newest frame; it has a window only where the frame shows a face."""
    found = motion.window() if seen is not None else None
    window, intensity = found or (None, 0.0)
    quality = seen.quality if seen is not None else None
    return Tick(
        at_s,
        frame,
        read_at_s,
        face=face,
        quality=quality,
        window=window,
        intensity=intensity,
        onset=motion.onset() if seen is not None else None,
        person=motion.person.status,
        points_px=seen.points_px if seen is not None else None,
        expression=seen.expression if seen is not None else None,
        showing=motion.showing,
        neutral_known=motion.neutral_known,
    )
