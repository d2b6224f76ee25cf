"""Gauge of a test for the real page in a real Chromium: no server, messages sent by hand.

Requests and the WebSocket of the page are answered by Playwright's routes.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import synthetic
from gauge_moments import snapshot

import realtime
from realtime.core.messages import State
from realtime.core.snapshot import TakePair
from realtime.landmarks.points40 import FACE_LINES
from realtime.outputs.web.content.page_files import INDEX, load_page
from realtime.outputs.web.content.takes import guide_row
from realtime.view import phrases
from realtime.view.terminal import pb_map
from realtime.view.words import catalogue

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route, WebSocketRoute

WEB = Path(realtime.__file__).parent / "web"
ORIGIN = "http://gauge.test"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
PLACE_PX = np.array((320, 150))
FACE_PX = (synthetic.FACE + PLACE_PX).round(1).tolist()
GENUINE_PX = (synthetic.FACE + 0.9 * synthetic.DIRECTIONS["happiness"] + PLACE_PX).tolist()
FAKE_PX = (synthetic.FACE - 0.4 * synthetic.DIRECTIONS["happiness"] + PLACE_PX).tolist()
EMOTIONS = ("any", "anger", "contempt", "disgust", "happiness", "sadness", "surprise")
PAGE_STARTS_AT_S = 3600  # later than a busy machine takes from Playwright's `install` to `pause_at`
Message = dict[str, object]


def chromium() -> str | None:
    """Return the path of Debian's Chromium; None where it is missing."""
    return shutil.which("chromium")


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Run one headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"], timeout=60_000
        )
        try:
            yield browser
        finally:
            browser.close()


class StagedGauge:
    """Gauge whose messages are sent by hand; `keys` are what the page sent back.

    Time on the page stands still: `wait` moves it. `status_code` answers /status, and while
    `reachable` is False nothing answers.
    """

    def __init__(self, page: Page, query: str = "", *, video: bytes | None = None) -> None:
        self.page, self.query, self.video = page, query, video
        self.sockets: list[WebSocketRoute] = []
        self.keys: list[object] = []
        self.requests: list[str] = []
        self.reachable, self.status_code = True, 200
        self.errors: list[str] = []
        self.at_s, self.seq = 100.0, 0
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._log)
        page.clock.install(time=0)
        page.clock.pause_at(PAGE_STARTS_AT_S)
        page.route("**/*", self._answer)
        page.route_web_socket("**/ws*", self._connect)

    def open(self) -> None:
        """Load the page; it connects, and gets hello, run and an empty history."""
        self.page.goto(f"{ORIGIN}/{self.query}")
        self.page.locator("#keys button").first.wait_for(state="attached")

    def send(self, *messages: Message) -> None:
        """Send messages and wait until the page has taken them."""
        for message in messages:
            self.sockets[-1].send(json.dumps(message))
        self.seq += 1
        self.page.wait_for_timeout(30)

    def show(self, state: State, p: float | None = None, **changes: object) -> None:
        """Send one verdict and the status that follows it."""
        self.at_s = round(self.at_s + 0.1, 3)
        row = verdict(self.at_s, state, p, **pop(changes, "reason", "emotion"))
        self.send({"type": "verdict", **row}, status(row, **changes))

    def wait(self, seconds: float) -> None:
        """Let time pass on the page while the gauge says nothing."""
        self.page.clock.run_for(round(1000 * seconds))

    def wait_for_link(self, link: str) -> None:
        """Wait until the page knows that its connection is `link`, such as "ended"."""
        self.page.locator(f"body[data-link={link}]").wait_for()

    def _connect(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        socket.on_message(lambda text: self.keys.append(json.loads(text)))
        if not self.reachable or self.status_code != 200:
            socket.close(code=1011)
            return
        socket.send(json.dumps(hello(video=self.video is not None)))
        socket.send(json.dumps({"type": "run", "version": "0", "emotion": "surprise"}))
        socket.send(json.dumps({"type": "history", "verdicts": []}))

    def _answer(self, route: Route) -> None:
        self.requests.append(route.request.url)
        path = route.request.url.removeprefix(ORIGIN).partition("?")[0]
        if not self.reachable:
            route.abort()
        elif path == "/status":
            route.fulfill(status=self.status_code, body="{}")
        elif path == "/video" and self.video:
            route.fulfill(body=self.video, content_type="image/jpeg")
        else:
            name = INDEX if path == "/" else path.removeprefix("/static/")
            file = load_page()[name]
            headers = {"Content-Security-Policy": CSP, "Content-Type": file.media_type}
            route.fulfill(body=file.content, headers=headers)

    def _log(self, message: object) -> None:
        if getattr(message, "type", "") == "error" and "Failed to load" not in str(message):
            self.errors.append(getattr(message, "text", ""))


OpenPage = Callable[..., StagedGauge]


def hello(*, video: bool = False) -> Message:
    """Return the first message of a connection."""
    keys = [list(each) for each in phrases.key_meanings() if each[0] != phrases.DETAILS]
    return {
        "type": "hello",
        "schema": 1,
        "version": "0",
        "video": video,
        "keys": [*keys, [phrases.NEXT, catalogue.text("page.next")]],
        "lines": FACE_LINES,
        "states": list(State),
        "pb_limits": {"left": pb_map.LEFT, "right": pb_map.RIGHT, "highest": pb_map.HIGHEST},
        "status_hz": 10,
    }


def verdict(
    at_s: float,
    state: State,
    p: float | None = None,
    *,
    reason: str = "",
    emotion: str = "surprise",
) -> Message:
    """Return a verdict's row."""
    return {
        "at_s": at_s,
        "frame": round(25 * at_s),
        "emotion": emotion,
        "state": state.value,
        "p_genuine": p,
        "reason": reason,
        "age_ms": 12.0,
        "misfit": 0.4,
        "place": None if p is None else [p, 0.4],
    }


def status(row: Message | None, **changes: object) -> Message:
    """Return the status in which `row` is the newest verdict."""
    faceless = row is None or row["state"] in (State.NO_FACE, State.NO_SIGNAL)
    judged = row is not None and row["p_genuine"] is not None
    face = {"id": 0, "box_px": [240, 90, 160, 200], "psr": 18.2, "points_px": FACE_PX}
    return {
        "type": "status",
        "seq": 1,
        "setting": {
            "source": "demo",
            "emotion": "surprise",
            "engine": "native",
            "window_s": 1.0,
            "stride_s": 0.1,
            "person": "",
            "faces": 1,
        },
        "source_format": "640x360 at 25/s",
        "recording": "",
        "label": "surprise",
        "verdict": row,
        "answers": answers(why=str(row["reason"]) if row is not None else ""),
        "rows": [],
        "run_verdict": {"state": "judging", "p_genuine": 0.71, "judged_s": 6.4},
        "age_ms": {"p50": 11.2, "p95": 17.8, "p99": 24.0},
        "fps": {"captured": 25.0, "processed": 25.0},
        "frames": {"captured": 310, "processed": 307, "dropped": {"newer_frame": 3}},
        "skipped_ticks": 0,
        "faces_not_described": {},
        "face_searches_unused": {},
        "person": {"words": "learning your neutral face: 2 expressions"},
        "notice": "",
        "caption": "",
        "guide": {"offered": False, "running": False, "result": None},
        "picture": {"size_px": [640, 360], "frame": 310},
        "faces": [] if faceless else [{**face, "verdict": row}],
        "pb": {"trail": [[0.2 + 0.1 * n, 1.4 - 0.15 * n] for n in range(6)] if judged else []},
        "ghosts": None,
        "video": False,
        "web": {"clients": 1, "dropped": 0},
        **changes,
    }


def answers(**said: str) -> Message:
    """Return the answers of a moment, empty but for `said`."""
    return {"headline": "", "sure": "", "shows": "", "why": "", "better": "", **said}


def rows(at_s: float, probabilities: Sequence[float | None]) -> list[Message]:
    """Return the rows of `all`; without a probability the movement looks like another emotion."""
    return [
        verdict(at_s, State.OTHER_EMOTION if p is None else State.JUDGING, p, emotion=emotion)
        | {"misfit": 0.3 + 0.1 * number}
        for number, (emotion, p) in enumerate(zip(EMOTIONS, probabilities, strict=True))
    ]


def ghosts() -> Message:
    """Return the two predicted faces and the points where they differ most."""
    return {"genuine_px": GENUINE_PX, "fake_px": FAKE_PX, "most_different": [*range(28, 36)]}


def guide(*pairs: TakePair, offered: bool = True) -> Message:
    """Return the part of a status on guided use that runs, with these pairs of takes."""
    return guide_row(snapshot(takes=pairs, guide_offered=offered))


def pop(changes: dict[str, object], *names: str) -> dict[str, str]:
    """Take the named texts out of `changes`."""
    return {name: str(changes.pop(name)) for name in names if name in changes}


def text(gauge: StagedGauge, name: str) -> str:
    """Return the text of the element of that id."""
    return gauge.page.locator(f"#{name}").inner_text()


def link(gauge: StagedGauge) -> str | None:
    """Return what the page says of its connection."""
    return gauge.page.locator("body").get_attribute("data-link")
