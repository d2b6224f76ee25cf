"""When there is something to judge: the gate between what was seen and the needle. Thresholds come from the bundle."""

from __future__ import annotations

from dataclasses import dataclass

from realtime.values import Quality, State, Tick


@dataclass(frozen=True, slots=True)
class Gate:
    """Limits of a good view, and how strong a movement must be to count as an expression."""

    sharpness_min: float
    brightness_min: float
    brightness_max: float
    yaw_max: float
    expression_min: float  # strength, in usual ranges, from which there is an expression
    expression_keep: float  # strength down to which one that has begun goes on (hysteresis)

    def __post_init__(self) -> None:
        if not 0 <= self.expression_keep <= self.expression_min:
            raise ValueError(f"{self}: want 0 <= expression_keep <= expression_min")

    def before(self, tick: Tick, expressing: bool) -> tuple[State, str] | None:
        """Why `tick` cannot be judged, as state and reason, or None when it can."""
        if not tick.signal:
            return State.NO_SIGNAL, tick.trouble or "no frame arrives from the source"
        if tick.face is None or tick.quality is None:
            return State.NO_FACE, "no face in the picture"
        poor = self.poor_view(tick.quality)
        if poor:
            return State.POOR_VIEW, poor
        if tick.window is None:
            return State.WARMING_UP, "the face was not yet seen for long enough"
        if tick.strength < (self.expression_keep if expressing else self.expression_min):
            return State.NEUTRAL, "no expression to judge"
        return None

    def poor_view(self, quality: Quality) -> str:
        """What is wrong with the view of a face; empty when nothing is. Any thread may ask."""
        if quality.brightness < self.brightness_min:
            return f"too dark (brightness {quality.brightness:.0f}, want {self.brightness_min:.0f})"
        if quality.brightness > self.brightness_max:
            return f"too bright (brightness {quality.brightness:.0f}, want at most {self.brightness_max:.0f})"
        if quality.sharpness < self.sharpness_min:
            return f"blurred (sharpness {quality.sharpness:.0f}, want {self.sharpness_min:.0f})"
        if abs(quality.yaw) > self.yaw_max:
            return f"head turned away (yaw {quality.yaw:+.2f}, want within {self.yaw_max:.2f})"
        return ""
