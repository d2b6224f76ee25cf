"""Lab Streaming Layer: a stream of numbers at the ticks, and one of markers at state changes."""

from __future__ import annotations

import math
import os
import platform
import time
from collections.abc import Iterator, Sequence
from typing import Any

from realtime.core.errors import UsageError
from realtime.core.labels import AUTO
from realtime.outputs.door import missing_package
from realtime.outputs.events import Event
from realtime.outputs.state_codes import STATE_CODES
from realtime.view.records.rows import Row

CHANNELS = (  # label, unit, type
    ("p_genuine", "probability", "Probability"),
    ("intensity", "movement ranges", "Movement"),
    ("state", "code", "State"),
    ("emotion", "code", "Emotion"),
    ("face", "number", "Face"),
)
MARKERS = " markers"  # what the second stream's name has more
LINGER_S = 0.3  # so that inlets receive the last samples before the streams vanish


class LslSink:
    """Two outlets: `name` (float32, five channels) and `name markers` (text).

    Time stamps are those of the frames' arrival, on LSL's clock. `emotions` have the codes 0, 1,
    ..., which the stream's description lists. LSL announces streams on the local network; its own
    configuration (LSLAPICFG) restricts that.
    """

    def __init__(self, name: str, emotions: Sequence[str]) -> None:
        """Open the streams; raises `UsageError` for a bad name, or without pylsl or its library."""
        if not name.strip() or not name.isprintable():
            raise UsageError(f"--lsl: {name!a} is no name of a stream; use printable characters")
        try:
            import pylsl
        except ImportError:
            raise missing_package("--lsl", "pylsl", "lsl") from None
        except (OSError, RuntimeError) as error:
            reason = str(error).strip().splitlines()[0]
            raise UsageError(f"--lsl: the library liblsl cannot be loaded: {reason}") from None
        _quieten(pylsl)
        self._clock = pylsl.local_clock
        self._emotions = {emotion: code for code, emotion in enumerate((*emotions, AUTO))}
        self._numbers = pylsl.StreamOutlet(_numbers_info(pylsl, name, self._emotions))
        self._markers = pylsl.StreamOutlet(_markers_info(pylsl, name))
        self._states: dict[object, str] = {}
        self._last_tick: object = None
        self._stamp_s = -math.inf

    def send(self, event: Event) -> None:
        """Push a verdict's sample, and a marker if it changes a state, begins or ends a run."""
        self._stamp_s = self._stamp(event)
        if event.kind == "verdict":
            self._numbers.push_sample(list(self._sample(event.row)), self._stamp_s)
        for marker in self._changes(event):
            self._markers.push_sample([marker], self._stamp_s)

    def close(self) -> None:
        """Remove the streams."""
        if self._numbers.have_consumers() or self._markers.have_consumers():
            time.sleep(LINGER_S)
        del self._numbers, self._markers

    def _stamp(self, event: Event) -> float:
        """Return when an event's frame arrived, on LSL's clock; it never goes back."""
        tick = (event.row.get("at_s"), event.row.get("frame"))
        if event.kind == "verdict" and tick == self._last_tick:
            return self._stamp_s  # another emotion or face of the same tick
        self._last_tick = tick
        on_lsl = self._clock() - time.monotonic()
        return float(max(self._stamp_s, event.arrived_s + on_lsl))

    def _sample(self, row: Row) -> Iterator[float]:
        for name in ("p_genuine", "intensity"):
            yield math.nan if row[name] is None else float(str(row[name]))
        yield float(STATE_CODES[str(row["state"])])
        yield float(self._emotions.get(str(row["emotion"]), -1))
        yield float(str(row.get("face") or 0))

    def _changes(self, event: Event) -> Iterator[str]:
        row = event.row
        if event.kind != "verdict":
            self._states.clear()
            yield f"run {row['source']}" if event.kind == "run" else event.kind
            return
        face = row.get("face")
        who = f"{row['emotion']}" if face is None else f"face {face} {row['emotion']}"
        state = str(row["state"])
        if self._states.get(who) != state:
            self._states[who] = state
            yield f"{who} {state}"


def _quieten(pylsl: Any) -> None:
    """Keep the library's reports off the terminal, unless the user has configured it.

    Any configuration from here would replace the user's file.
    """
    if hasattr(pylsl, "set_config_content") and not any(map(os.path.exists, _config_files())):
        pylsl.set_config_content("[log]\nlevel = -2\n")


def _config_files() -> Iterator[str]:
    yield os.environ.get("LSLAPICFG", "")
    yield "lsl_api.cfg"
    yield os.path.expanduser("~/lsl_api/lsl_api.cfg")
    yield "/etc/lsl_api/lsl_api.cfg"


def _numbers_info(pylsl: Any, name: str, emotions: dict[str, int]) -> Any:
    """Return the description of the stream of numbers; its rate is irregular, as ticks are."""
    source = _source_id(name)
    info = pylsl.StreamInfo(
        name, "Expression", len(CHANNELS), pylsl.IRREGULAR_RATE, "float32", source
    )
    description = info.desc()
    description.append_child_value("manufacturer", "genuine gauge")
    channels = description.append_child("channels")
    for label, unit, kind in CHANNELS:
        channel = channels.append_child("channel")
        for key, value in (("label", label), ("unit", unit), ("type", kind)):
            channel.append_child_value(key, value)
    for title, codes in (("states", STATE_CODES), ("emotions", emotions)):
        list_of_codes = description.append_child(title)
        for key, code in codes.items():
            item = list_of_codes.append_child("code")
            item.append_child_value("name", key)
            item.append_child_value("value", str(code))
    return info


def _markers_info(pylsl: Any, name: str) -> Any:
    full, source = name + MARKERS, _source_id(name) + ":markers"
    return pylsl.StreamInfo(full, "Markers", 1, pylsl.IRREGULAR_RATE, "string", source)


def _source_id(name: str) -> str:
    """Return what lets a receiver find the stream again after a restart."""
    return f"genuine-gauge:{platform.node()}:{name}"
