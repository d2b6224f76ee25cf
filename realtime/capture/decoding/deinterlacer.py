"""Deinterlacing by FFmpeg's bwdif filter, for pictures that are marked as interlaced."""

from __future__ import annotations

from collections.abc import Iterator

import cv2  # noqa: F401  # before av, or windows hang (display_check)

# isort: split
import av
import av.error
import av.filter
import av.video.frame

Shape = tuple[int, int, str]


class Deinterlacer:
    """One picture out per picture in, one picture later; progressive ones pass unchanged.

    `push` and `flush` yield finished pictures. Owned by the decoding thread.
    """

    def __init__(self, stream: av.VideoStream) -> None:
        self._stream = stream
        self._graph: av.filter.Graph | None = None
        self._shape: Shape | None = None

    def push(self, frame: av.video.frame.VideoFrame) -> Iterator[av.video.frame.VideoFrame]:
        """Take a picture; yield those that are finished."""
        shape = (frame.width, frame.height, frame.format.name)
        if shape != self._shape:
            yield from self.flush()
            self._graph, self._shape = self._built(shape), shape
        assert self._graph is not None
        self._graph.push(frame)
        yield from self._finished(self._graph)

    def flush(self) -> Iterator[av.video.frame.VideoFrame]:
        """Yield the pictures still held back; the next `push` starts afresh."""
        graph, self._graph, self._shape = self._graph, None, None
        if graph is not None:
            graph.push(None)
            yield from self._finished(graph)

    def _built(self, shape: Shape) -> av.filter.Graph:
        graph = av.filter.Graph()
        width_px, height_px, pixels = shape
        source = graph.add_buffer(
            width=width_px,
            height=height_px,
            format=av.VideoFormat(pixels),
            time_base=self._stream.time_base,
        )
        # One picture a frame, not one a field: the rate that the network learned from stays.
        bwdif = graph.add("bwdif", "mode=send_frame:deint=interlaced")
        sink = graph.add("buffersink")
        source.link_to(bwdif)
        bwdif.link_to(sink)
        graph.configure()
        return graph

    def _finished(self, graph: av.filter.Graph) -> Iterator[av.video.frame.VideoFrame]:
        while True:
            try:
                frame = graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            assert isinstance(frame, av.video.frame.VideoFrame)
            yield frame
