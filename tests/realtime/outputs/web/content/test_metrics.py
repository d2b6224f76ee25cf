from __future__ import annotations

import re
from dataclasses import replace

from gauge_moments import judged, snapshot, without_number

from realtime.core.messages import State
from realtime.core.snapshot import FaceSnapshot
from realtime.outputs.web.content.metrics import DoorCounts, metrics_text

SAMPLE = re.compile(r'genuine_gauge_\w+(\{\w+="(?:[^"\\]|\\.)*"(,\w+="[^"]*")*\})? [-+.e\d]+')
DOORS = DoorCounts({"ws": 2}, 7, 3, 1, 4, {'a "door"': 5})


def samples(text: str) -> dict[str, float]:
    """Return the value of each sample; every other line is a comment."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(SAMPLE.fullmatch(line) for line in lines)
    found = [line.removeprefix("genuine_gauge_").rpartition(" ") for line in lines]
    return {name: float(value) for name, _, value in found}


def test_all_figures_are_there() -> None:
    found = samples(metrics_text(snapshot(), DOORS))
    assert found["frames_captured_total"] == 240
    assert found['frames_dropped_total{reason="newer_frame"}'] == 2
    assert found['reading_age_seconds{quantile="0.95"}'] == 0.0184
    assert found['frames_per_second{kind="processed"}'] == 29.8
    assert found['p_genuine{emotion="happiness"}'] == 0.73
    assert found['web_clients{door="ws"}'] == 2
    assert found["web_dropped_total"] == 7
    assert found[r'events_dropped_total{door="a \"door\""}'] == 5


def test_faces_that_were_not_described_are_counted_by_reason() -> None:
    now = replace(snapshot(), not_described={"poor_view": 3, "newer_face": 1})
    found = samples(metrics_text(now, DOORS))
    assert found['faces_not_described_total{reason="poor_view"}'] == 3
    assert found['faces_not_described_total{reason="newer_face"}'] == 1


def test_slow_searches_that_were_not_used_are_counted_by_reason() -> None:
    found = samples(metrics_text(replace(snapshot(), searches_unused={"outdated": 2}), DOORS))
    assert found['face_searches_unused_total{reason="outdated"}'] == 2


def test_exactly_one_state_is_1() -> None:
    found = samples(metrics_text(snapshot(verdict=without_number()), DOORS))
    states = {name: value for name, value in found.items() if name.startswith("state{")}
    assert len(states) == len(State)
    assert [name for name, value in states.items() if value] == ['state{state="no_face"}']
    assert not any(name.startswith("p_genuine") for name in found)


def test_every_metric_has_its_type_once_and_before_its_samples() -> None:
    text = metrics_text(snapshot(), DOORS)
    types = re.findall(r"^# TYPE (\w+) (?:gauge|counter)$", text, re.MULTILINE)
    assert len(types) == len(set(types))
    named = dict.fromkeys(re.findall(r"^(genuine_gauge_\w+)", text, re.MULTILINE))
    assert set(named) <= set(types)
    assert all(text.index(f"# TYPE {name} ") < text.index(f"\n{name}") for name in named)


def test_before_the_first_snapshot_only_the_doors_are_told() -> None:
    found = samples(metrics_text(None, DoorCounts()))
    assert found["web_connections"] == 0
    assert "frames_captured_total" not in found


def test_several_faces_have_samples_of_their_own() -> None:
    faces = (FaceSnapshot(1, verdict=judged(p=0.2)), FaceSnapshot(3, verdict=without_number()))
    found = samples(metrics_text(snapshot(faces=faces), DOORS))
    assert found['p_genuine{emotion="happiness",face="1"}'] == 0.2
    assert found['state{state="judging",face="1"}'] == found['state{state="no_face",face="3"}'] == 1
    assert sum(name.startswith("p_genuine") for name in found) == 1
    assert sum(name.startswith("state{") for name in found) == 2 * len(State)
