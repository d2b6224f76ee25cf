"""How many objects of a kind this process still holds."""

from __future__ import annotations

import gc


def living(kind: type) -> int:
    """Ask the type alone: isinstance asks the object, too, and a dead weak proxy raises."""
    return sum(issubclass(type(each), kind) for each in gc.get_objects())
