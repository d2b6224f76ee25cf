"""Summary printed at the end of a run: verdicts, frames, speed, ages of the readings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from realtime.core.messages import State
from realtime.core.snapshot import RunVerdict
from realtime.view import phrases
from realtime.view.records.rows import Summary
from realtime.view.words.catalogue import text

_LABEL = 11  # width of its column


def summary_lines(summary: Summary) -> list[str]:
    """Return the summary as text, one subject a line."""
    rows = [
        (label, _verdict(name, run_verdict, phrases.run_verdict_phrase(run_verdict, number=True)))
        for label, name, run_verdict in _labelled(summary)
    ]
    rates, ages = summary.rates, summary.ages
    rows.append((text("label.frames"), phrases.frames_line(summary.frames)))
    if faces := phrases.not_described_line(summary.not_described):
        rows.append((text("label.identity"), faces))
    if searches := phrases.searches_unused_line(summary.searches_unused):
        rows.append((text("label.search"), searches))
    captured, processed = f"{rates.captured_hz:.1f}", f"{rates.processed_hz:.1f}"
    speed = text("speed", captured=captured, processed=processed)
    rows.append((text("label.speed"), speed))
    if ages is not None:
        figures = {name: f"{getattr(ages, name):.1f}" for name in ("p50", "p95", "p99")}
        rows.append((text("label.age"), text("page.ages", **figures)))
    width = max(_LABEL, *(len(label) for label, _ in rows))
    return [phrases.clean(f"{label:<{width}} {line}") for label, line in rows]


def files_table(runs: Sequence[tuple[str, Summary | None, BaseException | None]]) -> list[str]:
    """Return a table of several files: a line per emotion judged in each, or why there is none."""
    heads = [text(f"table.{column}") for column in ("file", "emotion", "judged", "frames")]
    dropped, verdict = text("table.dropped"), text("table.verdict")
    width = max([len(heads[0]), *(len(phrases.clean(name)) for name, _, _ in runs)])
    labels = [label for _, summary, _ in runs if summary for label, _, _ in _labelled(summary)]
    column = max(len(label) for label in (heads[1], *labels))
    file, emotion, judged, frames = heads
    lines = [
        f"{file:<{width}}  {emotion:<{column}} {judged:>9}  {frames:>7} {dropped:>11}  {verdict}"
    ]
    for name, summary, failure in runs:
        lines += [
            f"{phrases.clean(name):<{width}}  {row}" for row in _rows(summary, failure, column)
        ]
    return lines


def _rows(summary: Summary | None, failure: BaseException | None, column: int) -> list[str]:
    if summary is None or not summary.frames.captured:
        return [phrases.clean(str(failure)) if failure is not None else text("table.unread")]
    frames = f"{summary.frames.captured:>7} {sum(summary.frames.dropped.values()):>11}"
    error = f"; {text('table.stopped')}: {failure}" if failure is not None else ""
    return [
        phrases.clean(
            f"{label:<{column}} {run_verdict.judged_s:>7.1f} s  {frames}  "
            f"{_verdict(name, run_verdict, phrases.run_reading(run_verdict, number=True))}{error}"
        )
        for label, name, run_verdict in _labelled(summary)
    ]


def _labelled(summary: Summary) -> Iterator[tuple[str, str, RunVerdict]]:
    """Yield label, emotion and verdict of each line; several faces' labels have their number."""
    for name, run_verdict in () if summary.faces else summary.emotions.items():
        yield phrases.emotion_name(name), name, run_verdict
    for face, emotions in summary.faces.items():
        for name, run_verdict in emotions.items():
            yield f"{face}: {phrases.emotion_name(name)}", name, run_verdict


def _verdict(emotion: str, run_verdict: RunVerdict, phrase: str) -> str:
    if run_verdict.p_genuine is None:
        return (
            f"{text('judged_nothing')}: {phrases.state_phrase(State(run_verdict.state), emotion)}"
        )
    return phrase
