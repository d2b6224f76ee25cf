"""The gate: whether a tick can be judged. Its thresholds come from the bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from realtime.core.messages import Cause, Showing, State, Tick, ViewQuality
from realtime.faces.haar_detector import SMALL, SMALLEST_PX
from realtime.faces.mosse import GOOD_PSR

NO_FACE_FOUND = (
    f"no face found; one below {100 * SMALLEST_PX / SMALL.short_side_px:.0f} % of the picture's "
    "height or width is too small"
)
NEUTRAL_UNKNOWN = "your neutral face is not known yet"
UNCLEAR = "perhaps a faint expression, too faint to judge"
# Readings of a head rolled by up to 40 degrees are as those of an upright one; further not tried.
ROLL_MAX_DEG = 45.0


class GateRefusal(NamedTuple):
    """Why a tick cannot be judged: its state, the reason with figures, and the reason's kind."""

    state: State
    reason: str
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """Limits of a clear view, and the intensity thresholds of an expression.

    `prediction_error_max` is by emotion; without it no reading is other_emotion. `psr_min` defaults
    to the tracker's own limit; neither it nor `roll_max_deg` depends on the bundle.
    """

    sharpness_min: float
    brightness_min: float
    brightness_max: float
    yaw_max: float
    onset_threshold: float  # onset threshold: intensity at which an expression begins
    offset_threshold: float  # offset threshold: intensity below which it ends (hysteresis)
    prediction_error_max: Mapping[str, float] = field(default_factory=dict)
    psr_min: float = GOOD_PSR
    roll_max_deg: float = ROLL_MAX_DEG

    def __post_init__(self) -> None:
        if not 0 <= self.offset_threshold <= self.onset_threshold:
            raise ValueError(f"{self}: want 0 <= offset_threshold <= onset_threshold")
        if any(limit <= 0 for limit in self.prediction_error_max.values()):
            raise ValueError(
                f"prediction_error_max is {dict(self.prediction_error_max)}; want numbers above 0"
            )

    def refuse(self, tick: Tick, expressing: bool) -> GateRefusal | None:
        """Return why `tick` cannot be judged, or None."""
        if not tick.signal:
            return GateRefusal(
                State.NO_SIGNAL, tick.signal_error or "no frame arrives from the source"
            )
        if tick.face is None:
            return GateRefusal(State.NO_FACE, NO_FACE_FOUND)
        if tick.quality is None:
            return GateRefusal(
                State.POOR_VIEW,
                "the points fit no face: is a hand in front of it, or is it turned away?",
                Cause.NO_POINTS,
            )
        fault = self._fault(tick.quality, tick.face.psr)
        if fault is not None:
            return GateRefusal(State.POOR_VIEW, fault[1], fault[0])
        if tick.window is None:
            return GateRefusal(State.WARMING_UP, "the face was not yet seen for long enough")
        moved = tick.intensity >= (self.offset_threshold if expressing else self.onset_threshold)
        if tick.showing is Showing.EXPRESSION or (moved and tick.neutral_known):
            return None
        if tick.showing is Showing.UNCLEAR:
            if tick.neutral_known:
                return GateRefusal(State.UNCERTAIN, UNCLEAR, Cause.FAINT)
            return GateRefusal(State.UNCERTAIN, NEUTRAL_UNKNOWN, Cause.NEUTRAL_UNKNOWN)
        return GateRefusal(State.NEUTRAL, "no expression to judge")

    def other_emotion(self, emotion: str, error: float | None, best: str | None) -> str:
        """Return why a movement does not fit `emotion`, or ""; `best` fits best."""
        limit = self.prediction_error_max.get(emotion)
        if limit is None or error is None or error <= limit:
            return ""
        nearest = (
            "; no emotion fits it better"
            if best in (emotion, None)
            else f"; it moves most like {best}"
        )
        return (
            f"its network misses {100 * error:.0f} % of the movement, "
            f"want at most {100 * limit:.0f} %{nearest}"
        )

    def poor_view(self, quality: ViewQuality, psr: float) -> str:
        """Return what is wrong with the view, or "". Called by any thread."""
        fault = self._fault(quality, psr)
        return "" if fault is None else fault[1]

    def _fault(self, quality: ViewQuality, psr: float) -> tuple[Cause, str] | None:
        """Return what is wrong with the view, and the measured value.

        The PSR is checked last: darkness, blur and turns lower it too, and are the clearer reason.
        """
        light, sharpness = quality.brightness, quality.sharpness
        if light < self.brightness_min:
            return (
                Cause.TOO_DARK,
                f"too dark (brightness {light:.0f}, want {self.brightness_min:.0f})",
            )
        if light > self.brightness_max:
            limit = f"want at most {self.brightness_max:.0f}"
            return Cause.TOO_BRIGHT, f"too bright (brightness {light:.0f}, {limit})"
        if sharpness < self.sharpness_min:
            limit = f"want {self.sharpness_min:.0f}"
            return Cause.BLURRED, f"blurred (sharpness {sharpness:.0f}, {limit})"
        if abs(quality.yaw) > self.yaw_max:
            limit = f"want within {self.yaw_max:.2f}"
            return Cause.TURNED, f"head turned away (yaw {quality.yaw:+.2f}, {limit})"
        if abs(quality.roll_deg) > self.roll_max_deg:
            limit = f"want within {self.roll_max_deg:.0f}°"
            return (
                Cause.TILTED,
                f"head tilted to a shoulder (roll {quality.roll_deg:+.0f}°, {limit})",
            )
        if psr < self.psr_min:
            hidden = "the face is partly hidden or moves too fast"
            return Cause.HIDDEN, f"{hidden} (psr {psr:.1f}, want {self.psr_min:.1f})"
        return None
