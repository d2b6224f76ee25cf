"""What an inlet of the Lab Streaming Layer gets, on this machine alone."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from realtime.core.errors import UsageError
from realtime.core.messages import State, Verdict
from realtime.outputs.door import Door
from realtime.outputs.events import Event, EventHub
from realtime.outputs.lsl import LslSink
from realtime.view.records.rows import verdict_row

CONFIG = """
[lab]
SessionID = genuine-gauge-{pid}
[multicast]
ResolveScope = machine
[log]
level = -3
"""
EMOTIONS = ("any", "surprise")
FACES = [
    Verdict(0.1, 3, "surprise", State.NEUTRAL, None, "no expression", 5.0, intensity=0.125),
    Verdict(0.2, 6, "surprise", State.JUDGING, 0.75, "", 5.0, intensity=1.5),
    Verdict(0.3, 9, "surprise", State.JUDGING, 0.5, "", 5.0, intensity=1.25),
    Verdict(0.4, 12, "any", State.NO_FACE, None, "no face", 5.0),
]


@pytest.fixture(scope="module")
def pylsl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return pylsl, kept to this machine and process: it reads its configuration once."""
    file = tmp_path_factory.mktemp("lsl") / "lsl_api.cfg"
    file.write_text(CONFIG.format(pid=os.getpid()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LSLAPICFG", str(file))
        try:
            import pylsl
        except (ImportError, OSError, RuntimeError) as error:
            pytest.skip(f"pylsl: {error}")
        yield pylsl


class Inlets:
    """Receivers of both streams, connected before anything is sent."""

    def __init__(self, pylsl: Any, name: str) -> None:
        self._clock = pylsl.local_clock
        self.numbers, self.markers = (
            pylsl.StreamInlet(pylsl.resolve_byprop("name", full, timeout=30)[0])
            for full in (name, f"{name} markers")
        )
        for inlet in (self.numbers, self.markers):
            inlet.open_stream(timeout=30)

    def pull(self, inlet: Any, count: int) -> list[tuple[list[Any], float]]:
        """Return `count` samples with their time stamps on LSL's clock."""
        pulled = (inlet.pull_sample(timeout=30) for _ in range(count))
        return [(sample, stamp) for sample, stamp in pulled]


def test_inlets_get_every_event_in_order(pylsl: Any) -> None:
    hub = EventHub()
    door = Door(hub, "lsl", LslSink("all events", EMOTIONS))
    inlets = Inlets(pylsl, "all events")
    began_s = pylsl.local_clock()
    hub.publish({"type": "run", "source": "clip.mp4"})
    rows = [
        verdict_row(Verdict(n / 10, n, "any", State.JUDGING, n / 200, "", 5.0)) for n in range(200)
    ]
    for row in rows:
        hub.publish(row)
    hub.publish({"type": "summary"})
    samples = inlets.pull(inlets.numbers, 200)
    markers = inlets.pull(inlets.markers, 3)
    hub.close()
    door.close()
    assert [sample[0] for sample, _ in samples] == pytest.approx([n / 200 for n in range(200)])
    stamps = [stamp for _, stamp in samples]
    assert stamps == sorted(stamps)
    assert began_s - 0.006 <= stamps[0] <= stamps[-1] <= pylsl.local_clock()
    assert [marker for (marker,), _ in markers] == ["run clip.mp4", "any judging", "summary"]
    assert (door.sent, door.lost, hub.notes()) == (202, 0, [])


def test_channels_stamps_and_markers(pylsl: Any) -> None:
    sink = LslSink("values", EMOTIONS)
    inlets = Inlets(pylsl, "values")
    offset_s = pylsl.local_clock() - time.monotonic()
    published_s = time.monotonic()
    for number, verdict in enumerate(FACES):
        sink.send(Event(number, verdict_row(verdict), published_s + number / 10))
    sink.send(Event(9, verdict_row(FACES[-1]) | {"face": 2}, published_s + 0.9))
    samples = inlets.pull(inlets.numbers, 5)
    markers = inlets.pull(inlets.markers, 4)
    sink.close()
    assert math.isnan(samples[0][0][0])
    assert samples[0][0][1:] == [0.125, 3.0, 1.0, 0.0]
    assert samples[1][0] == [0.75, 1.5, 6.0, 1.0, 0.0]
    assert math.isnan(samples[3][0][1])
    assert samples[4][0][2:] == [1.0, 0.0, 2.0]
    for number in range(4):
        expected_s = published_s + number / 10 - 0.005 + offset_s
        assert samples[number][1] == pytest.approx(expected_s, abs=0.002)
    assert samples[4][1] == samples[3][1]  # of the same tick
    assert [marker for (marker,), _ in markers] == [
        *("surprise neutral", "surprise judging", "any no_face", "face 2 any no_face")
    ]
    assert markers[1][1] == samples[1][1]


def test_the_description_names_channels_and_codes(pylsl: Any) -> None:
    sink = LslSink("described", EMOTIONS)
    info = Inlets(pylsl, "described").numbers.info(timeout=30)
    sink.close()
    assert (info.type(), info.nominal_srate()) == ("Expression", 0.0)
    text = info.as_xml()
    assert text.index("p_genuine") < text.index("movement ranges") < text.index("<label>state")
    assert "<name>settled</name>" in text
    assert "<name>surprise</name>" in text
    assert "genuine-gauge:" in info.source_id()


def test_a_time_stamp_never_goes_back(pylsl: Any) -> None:
    sink = LslSink("order", EMOTIONS)
    first = sink._stamp(Event(1, verdict_row(FACES[0]), 100.0))
    late = sink._stamp(Event(2, verdict_row(FACES[1]), 100.0 - 1.0))
    sink.close()
    assert late <= first
    assert late == pytest.approx(99.0, abs=2.0)


def test_without_the_package_or_its_library(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "pylsl", None)
    with pytest.raises(UsageError, match=r"--lsl needs pylsl.*genuine-gauge\[lsl\]"):
        LslSink("gauge", EMOTIONS)
    (tmp_path / "pylsl.py").write_text("raise RuntimeError('LSL binary library not found\\nmore')")
    monkeypatch.delitem(sys.modules, "pylsl")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UsageError, match="loaded: LSL binary library not found"):
        LslSink("gauge", EMOTIONS)


@pytest.mark.parametrize("name", ["", "  ", "a\udcffb", "two\nlines"])
def test_a_name_that_no_stream_can_have_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is no name of a stream"):
        LslSink(name, EMOTIONS)
