from __future__ import annotations

import threading
import urllib.request

from realtime.tools.web_load.camera import BOUNDARY, camera_server, encode_clip


def test_the_camera_sends_parts_in_order_there_and_back() -> None:
    parts = [f"--{BOUNDARY}\r\n{number}\r\n".encode() for number in range(3)]
    server = camera_server(parts, hz=1000)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    expected = b"".join([*parts, *reversed(parts)])
    with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/", timeout=10) as answer:
        assert answer.headers["content-type"].endswith(f"boundary={BOUNDARY}")
        assert answer.read(len(expected)) == expected
    server.shutdown()
    server.server_close()
    thread.join(10)


def test_the_clip_is_encoded_frame_by_frame() -> None:
    parts = encode_clip()
    assert len(parts) > 100
    assert all(part.startswith(f"--{BOUNDARY}\r\n".encode()) for part in parts)
