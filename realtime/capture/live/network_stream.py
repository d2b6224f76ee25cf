"""Network stream source: RTSP, HLS, MJPEG and files behind HTTP, by their own clock."""

from __future__ import annotations

import http.client
import math
import re
from urllib.parse import urlsplit

import cv2  # noqa: F401  # before av, or windows hang (display_check)

# isort: split
import av
import av.container
import av.error
from av.stream import Discard

from realtime.capture.decoding.container import (
    StreamInfo,
    choose_stream,
    list_streams,
    no_video_reason,
    silence_ffmpeg,
)
from realtime.capture.decoding.decoder import VideoDecoder
from realtime.capture.live.http_client import REFUSALS, HttpAnswer, explain_socket, open_http
from realtime.capture.live.live_source import LOST_S, Arrival, LiveSource
from realtime.capture.live.media_clock import MediaClock
from realtime.capture.live.multipart_jpeg import MultipartJpeg
from realtime.capture.live.stream_reader import PictureStream, StreamReader
from realtime.core.clock import Clock
from realtime.core.errors import SourceError, SourceLost, StreamUnreachable
from realtime.core.messages import Frame

OPEN_TIMEOUT_S = 5.0
READ_TIMEOUT_S = LOST_S + 1.0  # after LOST_S; FFmpeg's limit only ends the reading thread
SEGMENT_TIMEOUT_S = 15.0  # HLS sends segments of up to ten seconds, and nothing between them
AFTER_S = 0.001  # later than the last picture delivered, earlier than the next
SHORT_S = 1.0  # tolerance at the declared end of a file
DELAYED_S, DELAYED_WITHIN_S = 3.0, 30.0  # an HLS variant that falls so far behind is too large
DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
OPTIONS = {
    "rtsp": {"rtsp_flags": "prefer_tcp", "fflags": "nobuffer"},  # no packets lost, none kept back
    "rtsps": {"rtsp_flags": "prefer_tcp", "fflags": "nobuffer"},
}


class NetworkStream(LiveSource):
    """Video at `url`, in the pace and with the times of its sender. `name` hides credentials.

    A file (of known duration) keeps its own times and ends there; broken off, it is continued where
    it was. Live streams have capture times on the monotonic clock and no end: silence, and a closed
    connection, are losses. MJPEG has no times, so that arrival counts. `stream` chooses a picture
    stream; of HLS's variants the largest that keeps pace is taken.
    """

    kind = "stream"
    failures_are_frames = True

    def __init__(self, url: str, clock: Clock, stream: int | None = None) -> None:
        super().__init__(clock)
        self.name = mask_password(url)
        self._url = url
        self._stream = stream
        self._pictures: StreamReader | None = None
        self._media_clock = MediaClock(recorded=False)
        self._duration_s = 0.0
        self._has_length = False  # a body of known length is a file, not a stream
        self._segmented = False
        self._variants = 1
        self._smaller_variants = 0  # how many of the largest were too large
        self._reached_s: float | None = None  # media time of the last frame

    def _new_reader(self) -> StreamReader:
        self._pictures = StreamReader(self._connect, self._clock)
        return self._pictures

    def _opened(self, first: Arrival) -> None:
        assert self._pictures is not None
        assert self._pictures.stream is not None
        stream = self._pictures.stream
        self.hz, self._duration_s = stream.hz, stream.duration_s
        is_file = self._has_length and not self._segmented
        self.recorded = stream.timed and (self._duration_s > 0 or is_file)
        self.size_px = first.picture.size_px
        self._media_clock = MediaClock(self.recorded)

    def _lost_after_s(self) -> float:
        return SEGMENT_TIMEOUT_S if self._segmented else LOST_S

    def _frame(self, arrival: Arrival) -> Frame | None:
        """Return the frame when it is due by the media clock; None if interrupted."""
        self._count_skipped(arrival)
        if math.isnan(arrival.media_s):  # arrival is all there is
            return self._next_frame(arrival, arrival.at_s, arrival.at_s)
        captured_at_s, due_s = self._media_clock.place(arrival.media_s, arrival.at_s)
        self._reached_s = arrival.media_s
        self._check_pace(arrival.at_s)
        self._clock.wait_until(due_s, self._stop)
        if self._stop.is_set():
            return None
        return self._next_frame(arrival, captured_at_s, max(self._clock.now_s(), arrival.at_s))

    def _check_pace(self, now_s: float) -> None:
        """Step down to a smaller HLS variant if this one falls behind."""
        if self._smaller_variants >= self._variants - 1:  # there is no smaller one
            return
        if self._media_clock.delayed_s(now_s - DELAYED_WITHIN_S) >= DELAYED_S:
            self._smaller_variants += 1
            raise SourceLost(f"{self.name} comes slower than it plays. Trying a smaller variant")

    def _connect(self) -> PictureStream:
        """Open the address, in the reading thread; raise a `SourceError` with the reason."""
        answer = self._http_answer()
        if answer is not None and answer.is_mjpeg:
            return MultipartJpeg(answer)
        container = self._container(answer)
        self._segmented = container.format.name == "hls"
        try:
            chosen = self._chosen(container)
        except BaseException:
            container.close()
            raise
        decoder = VideoDecoder(container, chosen, low_delay=container.duration is None)
        if self._reached_s is not None and decoder.duration_s > 0:
            decoder.seek(self._reached_s + AFTER_S)
        return decoder

    def _http_answer(self) -> HttpAnswer | None:
        """Return the server's answer if it goes on for ever; None leaves the address to FFmpeg.

        An endless answer is kept: some senders take one visitor only.
        """
        if urlsplit(self._url).scheme not in ("http", "https"):
            return None
        answer = open_http(self._url, self.name, OPEN_TIMEOUT_S)
        self._has_length = not answer.endless
        reason = _no_video_answer(answer.content_type)
        playlist = "mpegurl" in answer.content_type
        if not reason and (answer.is_mjpeg or (answer.endless and not playlist)):
            return answer
        answer.close()
        if reason:
            raise StreamUnreachable(f"{self.name} {reason}")
        return None

    def _container(self, answer: HttpAnswer | None) -> av.container.InputContainer:
        silence_ffmpeg(secret=True)
        parts = urlsplit(self._url)
        # HLS alone is silent for longer, and is known only once it is open.
        read_s = SEGMENT_TIMEOUT_S if parts.path.endswith(".m3u8") else READ_TIMEOUT_S
        began_s = self._clock.now_s()
        try:
            return av.open(
                self._url if answer is None else answer,
                mode="r",
                timeout=(OPEN_TIMEOUT_S, read_s),
                options=OPTIONS.get(parts.scheme, {}),
                metadata_errors="replace",
            )
        except (av.error.FFmpegError, OSError) as error:
            if answer is None:
                host, port = parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme]
                explain_socket(host, port, self.name, OPEN_TIMEOUT_S)
            late = self._clock.now_s() - began_s >= OPEN_TIMEOUT_S
            raise StreamUnreachable(f"{self.name} {_open_reason(error, late)}") from None

    def _chosen(self, container: av.container.InputContainer) -> StreamInfo:
        streams = list_streams(container)
        chosen = choose_stream(streams, self._stream)
        if self._segmented and self._stream is None:
            variants = sorted(streams, key=lambda each: -each.width_px * each.height_px)
            self._variants = len(variants)
            chosen = variants[min(self._smaller_variants, len(variants) - 1)] if variants else None
        if chosen is None:
            raise StreamUnreachable(f"{self.name} {no_video_reason(container, streams)}")
        if chosen.too_large:
            raise StreamUnreachable(f"{self.name} {chosen.too_large}")
        for stream in container.streams:
            if stream.index != chosen.number:
                stream.discard = Discard.all  # or FFmpeg would load every variant
        return chosen

    def _failure(self) -> SourceError | None:
        """Return the loss that a network's error means; raise any error that is a fault of ours."""
        error = self._reader.error if self._reader is not None else None
        match error:
            case av.error.ExitError() | TimeoutError():
                return self._ended(closed=False)
            case av.error.FFmpegError() if self._has_length and self._reached_s is None:
                return StreamUnreachable(
                    f"{self.name} cannot be played from there: its index is at the end, and the "
                    "server sends no parts. Download it, and use --replay"
                )
            case av.error.FFmpegError() | OSError() | http.client.HTTPException():
                told = (getattr(error, "strerror", None) or type(error).__name__).lower()
                broken = SourceLost(f"{self.name} broke off: {told}. Check the network")
                return self._ended(closed=True) or broken
            case _:
                return super()._failure()

    def _silent(self) -> SourceError:
        return StreamUnreachable(
            f"{self.name} answers, but sends no picture. Does it play elsewhere?"
        )

    def _ended(self, closed: bool) -> SourceError | None:
        if not closed:
            return SourceLost(
                f"{self.name} sent no picture for {self._lost_after_s():g} s. "
                "Check the network and the sender"
            )
        reached_s = self._reached_s or 0.0
        if self.recorded and reached_s < self._duration_s - SHORT_S:
            return SourceLost(
                f"{self.name} broke off after {reached_s:.1f} of {self._duration_s:.1f} s. "
                "Check the network"
            )
        if self.recorded or self._segmented:  # FFmpeg ends HLS only where the playlist does
            return None
        return SourceLost(f"{self.name} closed the connection. Check the sender")


def _no_video_answer(content_type: str) -> str:
    """Return why an answer of this type is no video; empty if it may be one."""
    if content_type.startswith("image/"):
        return (
            f"is one picture ({content_type}), and movement is needed. "
            "Give the address of the camera's video (RTSP or MJPEG)"
        )
    if content_type == "text/html":
        return "is a web page, not a video. Give the address of the video in it"
    return ""


def _open_reason(error: Exception, late: bool) -> str:
    """Return why FFmpeg could not open an address whose server accepts connections.

    If it was `late`, FFmpeg was interrupted, for which it has several errors. The text of `error`
    is not used: it may contain the address with its password.
    """
    if late or isinstance(error, (av.error.ExitError, av.error.TimeoutError)):
        return f"gave no video within {OPEN_TIMEOUT_S:g} s. Check the path and the sender"
    match error:
        case av.error.HTTPUnauthorizedError():
            return REFUSALS[401]
        case av.error.HTTPForbiddenError():
            return REFUSALS[403]
        case av.error.HTTPNotFoundError():
            return REFUSALS[404]
        case av.error.InvalidDataError():
            return "sends no video that can be read. Does it play elsewhere?"
        case _:
            told = (getattr(error, "strerror", None) or type(error).__name__).lower()
            return f"cannot be opened: {told}. Check the address and the sender"


def mask_password(url: str) -> str:
    """Return `url` without user, password, query or fragment, safe to print.

    Passwords may contain any character, so everything up to the last @ is removed, and everything
    from the first query delimiter.
    """
    scheme, _, rest = url.partition("://")
    _user, at, rest = rest.rpartition("@")
    head, *tail = re.split(r"[?#&;=]", rest, maxsplit=1)
    return f"{scheme}://{'***@' if at else ''}{head}{'?***' if tail else ''}"
