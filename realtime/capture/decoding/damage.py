"""Which pictures are damaged: those from lost or broken data on, until the next keyframe."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass

FORGOTTEN_AFTER = 250  # packets without a keyframe or more damage, as with rolling intra refresh
REMEMBERED = 256  # packets; a decoder holds back fewer
MOST_LEADING = 16  # pictures decoded after a keyframe and shown before it


@dataclass(frozen=True, slots=True)
class _Keyframe:
    number: int
    pts: int


class DamageTracker:
    """Damaged stretches of a stream, in decoding order. One instance per pass over a stream.

    A decoder hides lost data: it fills in old pixels, says so for one picture at most, and predicts
    the next pictures from what it made up. Only a keyframe is free of that. Packets are noted as
    they are read; pictures come out later and in another order, and are known by their presentation
    time `pts`, in the stream's time base.
    """

    def __init__(self) -> None:
        self._read = 0
        self._numbers: OrderedDict[int, int] = OrderedDict()  # number of the packet by its pts
        self._open: tuple[int, int] | None = None  # first and newest damaged packet
        self._healed: deque[tuple[int, _Keyframe]] = deque(maxlen=REMEMBERED)
        self._keyframes: deque[_Keyframe] = deque(maxlen=REMEMBERED)

    def note_packet(self, pts: int | None, keyframe: bool) -> None:
        """Note the next packet; a keyframe ends the damage before it."""
        self._read += 1
        if pts is None:
            return
        self._numbers[pts] = self._read
        if len(self._numbers) > REMEMBERED:
            self._numbers.popitem(last=False)
        if keyframe:
            key = _Keyframe(self._read, pts)
            self._keyframes.append(key)
            if self._open is not None:
                self._healed.append((self._open[0], key))
                self._open = None

    def note_damage(self, packets_back: int = 0) -> None:
        """Note damage to the newest packet, or to one up to `packets_back` before it."""
        self._damage_from(self._read - packets_back, self._read)

    def note_damaged_picture(self, pts: int) -> None:
        """Note that the decoder itself called a picture damaged."""
        number = self._numbers.get(pts, self._read)
        healing = next((key for key in self._keyframes if key.number > number), None)
        if healing is None:
            self._damage_from(number, number)
        elif not self.damaged(pts):
            self._healed.append((number, healing))

    def damaged(self, pts: int) -> bool:
        """Return whether the picture presented at `pts` is damaged."""
        number = self._numbers.get(pts, self._read)
        if self._open is not None and number >= self._open[0]:
            return number < self._open[1] + FORGOTTEN_AFTER
        return any(
            start <= number < key.number
            or (0 < number - key.number <= MOST_LEADING and pts < key.pts)
            for start, key in self._healed
        )

    def _damage_from(self, first: int, newest: int) -> None:
        if self._open is not None:
            first, newest = min(first, self._open[0]), max(newest, self._open[1])
        self._open = (first, newest)
