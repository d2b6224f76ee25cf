"""What is printed when a run ends: the whole verdict, the frames, the speed, the ages of the readings."""

from __future__ import annotations

from collections.abc import Sequence

from realtime.core.messages import State
from realtime.core.snapshot import RunVerdict
from realtime.view import phrases
from realtime.view.records.rows import Summary

_LABEL = 11


def summary_lines(summary: Summary) -> list[str]:
    """The summary as lines for people, one subject a line."""
    rows = [(name, _whole(name, whole)) for name, whole in summary.emotions.items()]
    rows.append(("frames", phrases.frames_line(summary.frames)))
    rows.append(
        (
            "speed",
            f"{summary.rates.captured_hz:.1f} frames/s in, {summary.rates.processed_hz:.1f} out",
        )
    )
    if summary.ages is not None:
        ages = summary.ages
        rows.append(("age", f"p50 {ages.p50:.1f} ms, p95 {ages.p95:.1f} ms, p99 {ages.p99:.1f} ms"))
    return [phrases.clean(f"{label:<{_LABEL}} {text}") for label, text in rows]


def files_table(runs: Sequence[tuple[str, Summary | None, BaseException | None]]) -> list[str]:
    """Several files under each other: a line for each emotion judged in each, or why there is none."""
    wide = max([len("file"), *(len(phrases.clean(name)) for name, _, _ in runs)])
    head = f"{'file':<{wide}}  {'emotion':<10} {'judged':>7}  {'frames':>7} {'dropped':>7}  verdict"
    return [
        head,
        *(
            f"{phrases.clean(name):<{wide}}  {line}"
            for name, one, failure in runs
            for line in _rows(one, failure)
        ),
    ]


def _rows(summary: Summary | None, failure: BaseException | None) -> list[str]:
    if summary is None or not summary.frames.captured:
        return [phrases.clean(str(failure)) if failure is not None else "not looked at"]
    frames = f"{summary.frames.captured:>7} {sum(summary.frames.dropped.values()):>7}"
    broke = f"; broke off: {failure}" if failure is not None else ""
    return [
        phrases.clean(
            f"{name:<10} {whole.judged_s:>5.1f} s  {frames}  {_verdict(name, whole)}{broke}"
        )
        for name, whole in summary.emotions.items()
    ]


def _verdict(emotion: str, whole: RunVerdict) -> str:
    if whole.p_genuine is None or whole.state == State.UNCERTAIN:
        return _whole(emotion, whole).split(", from ")[0]
    return f"{phrases.reading(whole.p_genuine)}, {phrases.percent(whole.p_genuine)} genuine"


def _whole(emotion: str, whole: RunVerdict) -> str:
    if whole.p_genuine is None:
        return f"nothing judged: {phrases.sentence(State(whole.state), emotion)}"
    return phrases.run_verdict_phrase(whole, number=True)
