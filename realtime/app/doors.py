"""Doors of a run: the programs that its events are given to, beside the record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from realtime.app.options import Options
from realtime.outputs.door import Door
from realtime.outputs.events import EventHub


@contextmanager
def open_doors(options: Options, emotions: Sequence[str], hub: EventHub) -> Iterator[list[Door]]:
    """Open what `--osc` and `--lsl` name until the end; raises `UsageError`."""
    with ExitStack() as stack:
        doors = []
        for door in _doors(options, emotions, hub):
            stack.callback(door.close)
            doors.append(door)
        yield doors


def _doors(options: Options, emotions: Sequence[str], hub: EventHub) -> Iterator[Door]:
    if options.osc is not None:
        from realtime.outputs.osc import OscSink

        yield Door(hub, f"osc {options.osc}", OscSink(options.osc))
    if options.lsl is not None:
        from realtime.outputs.lsl import LslSink

        yield Door(hub, f"lsl {options.lsl}", LslSink(options.lsl, emotions))
