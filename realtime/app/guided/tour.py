"""Tour of the demo: captions that say what is seen, each once and for long enough to read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from realtime.core.messages import State
from realtime.core.snapshot import Snapshot
from realtime.view.phrases import NEXT
from realtime.view.words.catalogue import text

SHOWN_S = 2.0  # each caption at least
LAST_S = 6.0  # the last one, which says that it was the tour
SKIP = NEXT  # the key


@dataclass(frozen=True, slots=True)
class Caption:
    """Text by its key in the catalogue, shown as soon as `is_due`."""

    key: str
    is_due: Callable[[Snapshot], bool]


def _is_neutral(snapshot: Snapshot) -> bool:
    return snapshot.verdict is not None and snapshot.verdict.state is State.NEUTRAL


def _has_number(snapshot: Snapshot) -> bool:
    return snapshot.verdict is not None and snapshot.verdict.p_genuine is not None


CAPTIONS = (
    Caption("tour.drawn", lambda snapshot: True),
    Caption("tour.neutral", _is_neutral),
    Caption("tour.needle", _has_number),
    Caption("tour.words", _has_number),
    Caption("tour.rest", _is_neutral),
)
END = "tour.end"


class Tour:
    """Chooses the caption of each moment. Owned by the main thread.

    Captions come in order; one whose moment has not come is left out if a later one is due. The
    last one says that it was the tour; then `finished` is True, as it is after key `SKIP`.
    """

    def __init__(self) -> None:
        self._next, self._key = 0, ""
        self._since_s = float("-inf")
        self.finished = False

    def shown(self, snapshot: Snapshot, now_s: float, *, ended: bool = False) -> Snapshot:
        """Return `snapshot` with its caption."""
        return replace(snapshot, caption=self.caption(snapshot, now_s, ended=ended))

    def caption(self, snapshot: Snapshot, now_s: float, *, ended: bool = False) -> str:
        """Return the caption at `now_s` (monotonic), the last one if the clip has `ended`."""
        if self.finished:
            return ""
        shown_s = now_s - self._since_s
        if self._key == END:
            self.finished = shown_s >= LAST_S
        elif ended:
            self._show(END, now_s)
        elif shown_s >= SHOWN_S:
            due = [n for n in range(self._next, len(CAPTIONS)) if CAPTIONS[n].is_due(snapshot)]
            if due:
                self._next = due[0] + 1
                self._show(CAPTIONS[due[0]].key, now_s)
            elif self._next == len(CAPTIONS):
                self._show(END, now_s)
        return "" if self.finished else text(self._key)

    def press(self, key: str | None) -> None:
        """End the tour at its key."""
        self.finished = self.finished or key == SKIP

    def _show(self, key: str, now_s: float) -> None:
        self._key, self._since_s = key, now_s
