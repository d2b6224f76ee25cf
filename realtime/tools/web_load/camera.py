"""Network camera for the load: the demo clip as MJPEG over HTTP, without end."""

from __future__ import annotations

import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2

from realtime.capture.demo import CLIP

HZ = 30.0
BOUNDARY = "frame"


def encode_clip() -> list[bytes]:
    """Return every frame of the demo clip as a part of a multipart stream."""
    clip, parts = cv2.VideoCapture(str(CLIP)), []
    while (read := clip.read())[0]:
        jpeg = cv2.imencode(".jpg", read[1])[1].tobytes()
        header = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
        parts.append(header.encode() + jpeg + b"\r\n")
    clip.release()
    return parts


def camera_server(parts: Sequence[bytes], hz: float = HZ) -> ThreadingHTTPServer:
    """Return a camera on a free port of this machine; forwards, then backwards, and so on."""
    there_and_back = [*parts, *reversed(parts)]

    class ClipCamera(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
            self.end_headers()
            began_s, sent = time.monotonic(), 0
            while True:
                try:
                    self.wfile.write(there_and_back[sent % len(there_and_back)])
                except OSError:  # the gauge has ended
                    return
                sent += 1
                time.sleep(max(0.0, began_s + sent / hz - time.monotonic()))

        def log_message(self, *args: object) -> None:
            pass

    return ThreadingHTTPServer(("127.0.0.1", 0), ClipCamera)
