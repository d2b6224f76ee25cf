"""Numbers of the states, for programs that take only numbers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from realtime.core.messages import State

# Written out: other programs depend on them, and the order of `State` may change.
STATE_CODES: Mapping[str, int] = MappingProxyType(
    {
        State.NO_SIGNAL.value: 0,
        State.NO_FACE.value: 1,
        State.WARMING_UP.value: 2,
        State.NEUTRAL.value: 3,
        State.POOR_VIEW.value: 4,
        State.OTHER_EMOTION.value: 5,
        State.JUDGING.value: 6,
        State.SETTLED.value: 7,
        State.UNCERTAIN.value: 8,
    }
)
