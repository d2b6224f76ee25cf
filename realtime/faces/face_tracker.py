"""Detection and tracking of one face through a stream of frames."""

from __future__ import annotations

import math

from realtime.core.messages import Box, BoxSource, Face
from realtime.faces.face_search import Detection, FaceSearch
from realtime.faces.mosse import GOOD_PSR, MosseTracker
from realtime.faces.pyramid import Gray, Pyramid, pyramid_of

LOST_AFTER_S = 0.2  # without confirmation that the box contains a face
# The same after a detector was sure of a face whose points are unclear, as long as its PSR is good:
# until that detector looks again.
SEEN_FOR_S = {BoxSource.HAAR: 0.0, BoxSource.HOG: 0.3, BoxSource.CNN: 2.0}
MIN_SHARE_INSIDE = 0.5  # of the box inside the picture


class FaceTracker:
    """Tracker of the largest face that ignores other faces. Owned by one thread; media time.

    A frame is confirmed by a good PSR or by `reseat`; `mark_unsure` withdraws the confirmation.
    `roll_deg` is the roll of the tracked face that a fit should undo; `doubtful` is that of the
    newest detection.
    """

    def __init__(self, search: FaceSearch | None = None) -> None:
        self.search = search or FaceSearch()
        self._mosse = MosseTracker()
        self._frame_at_s = -math.inf
        self._detected_in: Pyramid | None = None  # the last picture, if a detector saw its face
        self.reset()

    @property
    def tracking(self) -> bool:
        """Whether a face is tracked, given the last frame and its confirmation."""
        return max(self._sure_at_s, self._seen_until_s) > -math.inf

    @property
    def seen(self) -> bool:
        """Whether a detector was sure of the face of the last picture, then or not long before.

        Not without a good PSR: what the picture shows may be something else by then.
        """
        return self._same and self._frame_at_s <= self._seen_until_s

    def update(self, gray: Gray, captured_at_s: float) -> Face | None:
        """Return the face in the next picture uint8 (h, w), or its pyramid; None without one."""
        picture = pyramid_of(gray)
        was_sure = self._sure_at_s == self._frame_at_s
        self._frame_at_s, self._detected_in = captured_at_s, None
        if not was_sure and (face := self._search_slowly(picture)):
            return face
        if self.tracking and (face := self._track(picture, was_sure)):
            return face
        self.reset()
        return self._start(picture, self.search.search(picture, captured_at_s))

    def warm_up(self, gray: Gray) -> None:
        """Run detectors and tracker once on `gray`: libraries load and allocate on first use."""
        self.search.warm_up(pyramid_of(gray))
        MosseTracker().start(gray, (200.0, 60.0, 240.0, 240.0))

    def reseat(self, box: Box, roll_deg: float = 0.0) -> None:
        """Confirm the face of the last picture and set box and roll from its landmarks."""
        if self._detected_in is None:
            self._mosse.reseat(box)
        else:  # the detector's box was rough
            self._mosse.start(self._detected_in, box)
            self._detected_in = None
        self.search.confirm()
        self.roll_deg = roll_deg
        self._sure_at_s = self._frame_at_s

    def mark_unsure(self) -> None:
        """Withdraw the confirmation of the last picture; drop a face never confirmed before."""
        self._mosse.reject()
        self._sure_at_s = self._sure_before_s
        if not self._kept():
            self.reset()

    def reset(self) -> None:
        """Drop the tracked face."""
        self._sure_at_s = self._sure_before_s = self._seen_until_s = -math.inf
        self.roll_deg, self.doubtful, self._same = 0.0, False, False

    def _kept(self) -> bool:
        """Whether the face was confirmed, or seen by a sure detector, not long ago."""
        recent = self._frame_at_s - self._sure_at_s <= LOST_AFTER_S
        return recent or self.seen

    def _track(self, gray: Pyramid, was_sure: bool) -> Face | None:
        box, psr = self._mosse.track(gray)
        self._sure_before_s, self._same = self._sure_at_s, psr >= GOOD_PSR
        if _share_inside(box, gray) < MIN_SHARE_INSIDE:
            return None
        if self._same:
            self._sure_at_s = self._frame_at_s
        if not (self._same and was_sure):
            found = self.search.search_near(gray, box, self.roll_deg, self._frame_at_s)
            if detected := self._start(gray, found):
                return detected
        return Face(box, psr, BoxSource.MOSSE) if self._kept() else None

    def _search_slowly(self, gray: Pyramid) -> Face | None:
        """Return the face that the CNN found, if the picture `gray` still shows it.

        Its picture may be an earlier one: what it showed is tracked into `gray`, and lost like a
        tracked face where `gray` does not show it. How long it counts as seen begins then, too.
        """
        slow = self.search.search_slowly(gray, self._frame_at_s)
        if slow is None:
            return None
        mosse = MosseTracker()
        mosse.start(slow.picture, slow.first.box)
        box, psr = mosse.track(gray)
        if psr < GOOD_PSR or _share_inside(box, gray) < MIN_SHARE_INSIDE:
            return None
        self._mosse, self._detected_in = mosse, gray
        return self._begin(slow.first, Face(box, psr, BoxSource.CNN), slow.at_s)

    def _start(self, gray: Pyramid, found: list[Detection]) -> Face | None:
        """Start tracking the first, largest face found, if any."""
        if not found:
            return None
        first = found[0]
        self._mosse.start(gray, first.box)
        self._detected_in = gray
        face = Face(first.box, self._mosse.track(gray)[1], first.source)
        return self._begin(first, face, self._frame_at_s)

    def _begin(self, first: Detection, face: Face, seen_at_s: float) -> Face:
        self.roll_deg, self.doubtful = first.roll_deg, first.doubtful
        self._sure_at_s, self._same = self._frame_at_s, True
        if first.sure:
            until_s = seen_at_s + SEEN_FOR_S[first.source]
            self._seen_until_s = max(self._seen_until_s, until_s)
        return face


def _share_inside(box: Box, gray: Pyramid) -> float:
    """Return the share of a box inside the picture, 0 to 1."""
    x, y, width, height = box
    across = min(x + width, float(gray.shape[1])) - max(x, 0.0)
    down = min(y + height, float(gray.shape[0])) - max(y, 0.0)
    return max(0.0, across) * max(0.0, down) / (width * height)
