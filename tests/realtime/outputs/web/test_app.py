"""Every endpoint over a real socket."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from gauge_moments import judged, snapshot

pytest.importorskip("uvicorn")
pytest.importorskip("websockets")

from running_server import WAIT_S, RunningServer, close_code, read_until, received

from realtime.outputs.web.security import HEADERS
from realtime.view.records.rows import verdict_row

Serve = Callable[..., RunningServer]
RUN = {"type": "run", "emotion": "happiness"}
VERDICT = verdict_row(judged())
GET_EVENTS = b"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n"


def test_a_page_gets_hello_the_run_its_history_events_and_statuses(serve: Serve) -> None:
    running = serve()
    running.hub.publish(RUN)
    running.hub.publish(VERDICT)
    read_until(running.ask(GET_EVENTS + b"Last-Event-ID: none\r\n\r\n"), b"event: verdict")
    client = running.websocket()
    first = [json.loads(client.recv(WAIT_S)) for _ in range(3)]
    assert [message["type"] for message in first] == ["hello", "run", "history"]
    assert first[2]["verdicts"] == [VERDICT]
    later = verdict_row(judged(8.1))
    running.hub.publish(later)
    assert received(client, "verdict") == later
    assert received(client, "status")["verdict"]["p_genuine"] == 0.73


def test_a_key_reaches_the_gauge(serve: Serve) -> None:
    running = serve()
    client = running.websocket()
    client.send('{"key": "n"}')
    deadline, key = time.monotonic() + WAIT_S, None
    while key is None and time.monotonic() < deadline:
        key = running.server.show(snapshot())
    assert key == "n"


@pytest.mark.parametrize("message", ['{"key": "x"}', "hello", b"bytes", "x" * 200])
def test_a_client_that_sends_anything_else_is_let_go(serve: Serve, message: str | bytes) -> None:
    client = serve().websocket()
    client.send(message)
    assert close_code(client) == 1008


def test_events_resume_where_a_client_stopped(serve: Serve) -> None:
    running = serve()
    running.hub.publish(RUN)
    sock = running.ask(GET_EVENTS + b"\r\n")
    read_until(sock, b"event: run")
    running.hub.publish(VERDICT)
    text = read_until(sock, b'"expression": null}\n\n').decode()
    sock.close()
    seen = text.split("id: ")[-1].split("\n")[0]
    later = verdict_row(judged(8.1))
    running.hub.publish(later)
    again = running.ask(GET_EVENTS + f"Last-Event-ID: {seen}\r\n\r\n".encode())
    resumed = read_until(again, b'"expression": null}\n\n').decode()
    assert "text/event-stream" in resumed
    assert resumed.count("event: verdict") == 1
    line = next(line for line in resumed.splitlines() if line.startswith("data: "))
    assert json.loads(line.removeprefix("data: ")) == later


def test_the_status_is_what_the_page_gets(serve: Serve) -> None:
    response, body = serve().get("/status")
    assert response.getheader("content-type") == "application/json"
    assert json.loads(body)["type"] == "status"


def test_health_tells_nothing_of_the_run(serve: Serve) -> None:
    response, body = serve().get("/healthz")
    assert (response.status, json.loads(body)) == (200, {"status": "ok"})


def test_metrics_are_prometheus_text(serve: Serve) -> None:
    running = serve()
    running.websocket()
    response, body = running.get("/metrics")
    assert response.getheader("content-type") == "text/plain; version=0.0.4; charset=utf-8"
    text = body.decode()
    assert 'genuine_gauge_web_clients{door="ws"} 1' in text
    assert 'genuine_gauge_events_dropped_total{door="web"} 0' in text


def test_the_description_names_every_route(serve: Serve) -> None:
    running = serve(video=True)
    described = json.loads(running.get("/openapi.json")[1])["paths"]
    for path in set(described) - {"/ws", "/events", "/video", "/"}:
        assert running.status_of(path) == 200, path


def test_the_picture_is_shown_on_request_only(serve: Serve) -> None:
    plain, video = serve(), serve(video=True)
    assert plain.status_of("/snapshot.jpg") == plain.status_of("/video") == 404
    response, jpeg = video.get("/snapshot.jpg")
    assert response.getheader("content-type") == "image/jpeg"
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (360, 640, 3)


def test_a_video_is_a_stream_of_pictures(serve: Serve) -> None:
    running = serve(video=True)
    sock = running.ask(b"GET /video HTTP/1.1\r\nHost: localhost\r\n\r\n")
    head = read_until(sock, b"\xff\xd9\r\n")
    assert b"multipart/x-mixed-replace; boundary=picture" in head
    running.server.show(snapshot(241))
    assert b"--picture\r\nContent-Type: image/jpeg\r\n" in read_until(sock, b"\xff\xd9\r\n")


def test_before_the_first_picture_there_is_none(serve: Serve) -> None:
    running = serve(video=True)
    running.server.show(snapshot(frame=None))
    assert running.status_of("/snapshot.jpg") == 503


@pytest.mark.parametrize("path", ["/", "/status", "/nowhere", "/metrics"])
def test_every_answer_has_the_headers_of_safety(serve: Serve, path: str) -> None:
    response, _ = serve().get(path)
    for name, text in HEADERS:
        assert response.getheader(name.decode()) == text.decode()
    assert response.getheader("set-cookie") is None
    assert response.getheader("access-control-allow-origin") is None
    assert response.getheader("server") is None


def test_the_policy_allows_no_inline_script_and_nothing_from_elsewhere(serve: Serve) -> None:
    policy = serve().get("/")[0].getheader("content-security-policy") or ""
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_nothing_but_reading_is_answered(serve: Serve, method: str) -> None:
    assert serve().status_of("/status", method) == 405


@pytest.mark.parametrize("path", ["/", "/status", "/events", "/video", "/snapshot.jpg"])
def test_a_head_is_answered_without_a_body(serve: Serve, path: str) -> None:
    response, body = serve(video=True).get(path, "HEAD")
    assert (response.status, body) == (200, b"")
