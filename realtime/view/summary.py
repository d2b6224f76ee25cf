"""What is printed when a run ends: the whole verdict, the frames, the speed, the ages of the readings."""

from __future__ import annotations

from realtime.snapshot import Overall
from realtime.values import State
from realtime.view import words
from realtime.view.rows import Summary

_LABEL = 11


def summary_lines(summary: Summary) -> list[str]:
    """The summary as lines for people, one subject a line."""
    rows = [(name, _whole(name, whole)) for name, whole in summary.emotions.items()]
    rows.append(("frames", words.frames(summary.frames)))
    rows.append(("speed", f"{summary.rates.captured_hz:.1f} frames/s in, {summary.rates.processed_hz:.1f} out"))
    if summary.ages is not None:
        ages = summary.ages
        rows.append(("age", f"p50 {ages.p50:.1f} ms, p95 {ages.p95:.1f} ms, p99 {ages.p99:.1f} ms"))
    return [words.clean(f"{label:<{_LABEL}} {text}") for label, text in rows]


def _whole(emotion: str, whole: Overall) -> str:
    if whole.p_genuine is None:
        return f"nothing judged: {words.sentence(State(whole.state), emotion)}"
    return words.overall(whole, number=True)
