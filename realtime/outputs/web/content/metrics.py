"""Figures of the gauge in the text format of Prometheus. Times are in seconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from realtime.core.messages import State, Verdict
from realtime.core.snapshot import Snapshot

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PREFIX = "genuine_gauge"


@dataclass(frozen=True, slots=True)
class DoorCounts:
    """What the doors did: clients and connections now, and totals of what was dropped or cut."""

    clients: Mapping[str, int] = field(default_factory=dict)
    client_drops: int = 0
    connections: int = 0
    cut: int = 0
    refused: int = 0
    event_drops: Mapping[str, int] = field(default_factory=dict)  # by subscription of the hub


def metrics_text(snapshot: Snapshot | None, doors: DoorCounts) -> str:
    """Return all figures; without a snapshot those of the doors alone."""
    lines = [*_door_lines(doors)]
    if snapshot is not None:
        lines = [*_frame_lines(snapshot), *_reading_lines(snapshot), *lines]
    return "\n".join(lines) + "\n"


def _frame_lines(snapshot: Snapshot) -> Iterator[str]:
    counts, rates = snapshot.counts, snapshot.rates
    yield from _metric("frames_captured_total", "counter", "Frames taken from the source")
    yield _sample("frames_captured_total", counts.captured)
    yield from _metric("frames_processed_total", "counter", "Frames that were processed")
    yield _sample("frames_processed_total", counts.processed)
    yield from _metric("frames_dropped_total", "counter", "Frames that were not, by reason")
    for reason, count in sorted(counts.dropped.items()):
        yield _sample("frames_dropped_total", count, reason=reason)
    yield from _metric("faces_not_described_total", "counter", "Faces due and not, by reason")
    for reason, count in sorted(snapshot.not_described.items()):
        yield _sample("faces_not_described_total", count, reason=reason)
    yield from _metric("face_searches_unused_total", "counter", "CNN searches not used, by reason")
    for reason, count in sorted(snapshot.searches_unused.items()):
        yield _sample("face_searches_unused_total", count, reason=reason)
    yield from _metric("frames_per_second", "gauge", "Rates over the last two seconds")
    yield _sample("frames_per_second", rates.captured_hz, kind="captured")
    yield _sample("frames_per_second", rates.processed_hz, kind="processed")
    yield from _metric("ticks_skipped_total", "counter", "Readings replaced by a newer one")
    yield _sample("ticks_skipped_total", snapshot.skipped_ticks)


def _reading_lines(snapshot: Snapshot) -> Iterator[str]:
    if snapshot.ages is not None:
        yield from _metric("reading_age_seconds", "gauge", "Age of readings, from frame to verdict")
        for name, quantile in (("p50", "0.5"), ("p95", "0.95"), ("p99", "0.99")):
            age_ms = float(getattr(snapshot.ages, name))
            yield _sample("reading_age_seconds", age_ms / 1000, quantile=quantile)
    several = [({"face": str(face.id)}, face.verdict) for face in snapshot.faces]
    newest: list[tuple[dict[str, str], Verdict | None]] = [*several] or [({}, snapshot.verdict)]
    yield from _metric("state", "gauge", "1 for the state of the newest reading, otherwise 0")
    for who, now in newest:
        for state in State:
            is_now = now is not None and now.state is state
            yield _sample("state", int(is_now), state=state.value, **who)
    judged = [(who, now) for who, now in newest if now is not None and now.p_genuine is not None]
    if judged:
        yield from _metric("p_genuine", "gauge", "Probability of genuine; absent without a number")
    for who, now in judged:
        assert now is not None
        assert now.p_genuine is not None
        yield _sample("p_genuine", now.p_genuine, emotion=now.emotion, **who)


def _door_lines(doors: DoorCounts) -> Iterator[str]:
    yield from _metric("web_clients", "gauge", "Connected streams, by door")
    for door, count in sorted(doors.clients.items()):
        yield _sample("web_clients", count, door=door)
    yield from _metric("web_connections", "gauge", "Open connections")
    yield _sample("web_connections", doors.connections)
    for name, total, what in (
        ("web_dropped_total", doors.client_drops, "Events dropped for slow web clients"),
        ("web_cut_total", doors.cut, "Connections cut because they were too slow"),
        ("web_refused_total", doors.refused, "Connections refused because too many were open"),
    ):
        yield from _metric(name, "counter", what)
        yield _sample(name, total)
    yield from _metric("events_dropped_total", "counter", "Events dropped for slow doors, by door")
    for name, total in sorted(doors.event_drops.items()):
        yield _sample("events_dropped_total", total, door=name)


def _metric(name: str, kind: str, about: str) -> Iterator[str]:
    yield f"# HELP {PREFIX}_{name} {about}."
    yield f"# TYPE {PREFIX}_{name} {kind}"


def _sample(name: str, value: float, **labels: str) -> str:
    inside = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    number = f"{value:.9g}" if isinstance(value, float) else str(value)
    return f"{PREFIX}_{name}{{{inside}}} {number}" if inside else f"{PREFIX}_{name} {number}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
