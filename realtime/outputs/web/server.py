"""Web server of the gauge: an event loop in a thread of its own, fed by the hub and the view.

hub --events--> feeding thread --> event loop --> a bounded queue per client --> sockets
main thread --snapshots--> event loop (newest only);  clients --keys--> main thread

Nothing here is ever waited for by the gauge.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Self

import uvicorn
from uvicorn.server import ServerState

from realtime.core.snapshot import Snapshot
from realtime.outputs.events import Event, EventHub
from realtime.outputs.web.app import WebApp
from realtime.outputs.web.clients import WAITING_BYTES
from realtime.outputs.web.connections import HEADER_S, SOCKET_BYTES, Connection
from realtime.outputs.web.content.page_files import load_page
from realtime.outputs.web.content.pictures import Pictures
from realtime.outputs.web.doors import KEY_BYTES, STATUS_HZ
from realtime.outputs.web.listener import listen, tls_context
from realtime.outputs.web.options import WebOptions
from realtime.outputs.web.security import AccessPolicy, Gatekeeper, Scope
from realtime.outputs.web.state import WebState

NAME = "web"
TAKE_S = 0.1  # how long the feeding thread waits before it checks whether to stop
HAND_ON_S = 1.0  # for the event loop to take an event
CHECK_S = 0.25  # between two looks for slow connections
FAREWELL_S = 0.5  # for clients to take their last messages
STOP_S = 2.0  # to join both threads
HEADER_BYTES = 16_384
PING_S = 20.0

for _name in ("uvicorn.error", "uvicorn.access"):  # nothing of theirs reaches the terminal
    logging.getLogger(_name).addHandler(logging.NullHandler())
    logging.getLogger(_name).propagate = False


class WebServer:
    """Server on a port that is bound at birth; `start`, `show` and `next_key`, then `stop`.

    Raises `UsageError` or `WebServerError` where it cannot listen. Owned by the main thread.
    """

    def __init__(self, options: WebOptions, hub: EventHub, version: str = "") -> None:
        self._options = options
        self._tls = tls_context(options.cert, options.key)
        self._listener = listen(options)
        self._subscription = hub.subscribe(NAME)
        self._state = WebState(options.video, version, lambda: _event_drops(hub))
        self._loop = asyncio.new_event_loop()
        self._stopping = threading.Event()
        self._ended = asyncio.Event()
        self._threads = [
            threading.Thread(target=self._run_loop, name="web", daemon=True),
            threading.Thread(target=self._feed, name="web-feed", daemon=True),
        ]

    @property
    def url(self) -> str:
        """Address of the page, with the token if there is one."""
        host, port = self._options.host, self._listener.getsockname()[1]
        if host in ("0.0.0.0", "::"):
            host = socket.gethostname()
        token = f"?token={self._options.token}" if self._options.token else ""
        return f"{self._options.scheme}://{f'[{host}]' if ':' in host else host}:{port}/{token}"

    def start(self) -> Self:
        """Start both threads."""
        for thread in self._threads:
            thread.start()
        return self

    def show(self, snapshot: Snapshot) -> str | None:
        """Take `snapshot` as the newest; return the key that a client pressed, or None."""
        self._state.show(snapshot)
        return self._state.next_key()

    def stop(self) -> None:
        """Let the clients have what was published, close every socket, join the threads."""
        self._subscription.close()
        self._stopping.set()
        loop_thread, feeding = self._threads
        feeding.join(STOP_S / 2)
        with suppress(RuntimeError):  # the loop has ended before
            self._loop.call_soon_threadsafe(self._ended.set)
        loop_thread.join(STOP_S)

    def _run_loop(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        except Exception as error:
            self._subscription.error = f"the web server died: {type(error).__name__}: {error}"
            logging.getLogger("realtime").error("the web server died", exc_info=error)
        finally:
            self._listener.close()
            self._subscription.close()
            self._loop.close()

    def _feed(self) -> None:
        """Hand events to the loop one by one: while it is busy they wait in the bounded queue."""
        while not self._subscription.finished:
            event = self._subscription.take(TAKE_S)
            if event is not None and not self._hand_on(event):
                return

    def _hand_on(self, event: Event) -> bool:
        taken = threading.Event()

        def take() -> None:
            self._state.publish(event)
            taken.set()

        try:
            self._loop.call_soon_threadsafe(take)
        except RuntimeError:  # the loop has ended
            return False
        while not taken.wait(HAND_ON_S):
            if self._stopping.is_set() or self._loop.is_closed():
                return False
        return True

    async def _serve(self) -> None:
        pictures = Pictures(lambda: self._state.snapshot)
        app = WebApp(self._state, pictures, load_page())
        policy = AccessPolicy.of(self._options)
        gatekeeper = Gatekeeper(app.asgi, policy, self._report_request)
        config = _uvicorn_config(gatekeeper)
        server_state = ServerState()
        tasks = [
            asyncio.create_task(work)
            for work in (
                self._accept(config, server_state),
                self._check_connections(),
                self._publish_statuses(),
            )
        ]
        ended = asyncio.create_task(self._ended.wait())
        try:
            done, _ = await asyncio.wait((ended, *tasks), return_when="FIRST_COMPLETED")
            for task in done:
                task.result()
            await self._say_goodbye(server_state)
        finally:
            for task in (ended, *tasks, *server_state.tasks):
                task.cancel()
            self._state.connections.close_all()
            pictures.close()
            await asyncio.sleep(0)  # closed sockets are let go in the loop's next round

    async def _say_goodbye(self, server_state: ServerState) -> None:
        self._listener.close()
        self._state.clients.end()
        if server_state.tasks:
            await asyncio.wait(server_state.tasks, timeout=FAREWELL_S)

    async def _accept(self, config: uvicorn.Config, server_state: ServerState) -> None:
        while True:
            try:
                sock, address = await self._loop.sock_accept(self._listener)
            except OSError:  # out of files, or the peer left before it was accepted
                await asyncio.sleep(CHECK_S)
                continue
            connection = self._state.connections.admit(sock, (str(address[0]), int(address[1])))
            if connection is None:
                sock.close()
            else:
                connection.setup = asyncio.create_task(
                    self._set_up(connection, config, server_state)
                )
            await asyncio.sleep(0)

    async def _set_up(
        self, connection: Connection, config: uvicorn.Config, server_state: ServerState
    ) -> None:
        sock = connection.sock
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BYTES)
            connection.transport, _ = await self._loop.connect_accepted_socket(
                lambda: config.http_protocol_class(  # type: ignore[call-arg]
                    config=config, server_state=server_state, app_state={}
                ),
                sock,
                ssl=self._tls,
                ssl_handshake_timeout=HEADER_S if self._tls else None,
                ssl_shutdown_timeout=1.0 if self._tls else None,
            )
            connection.transport.set_write_buffer_limits(high=WAITING_BYTES)
        except (OSError, asyncio.CancelledError):  # TLS was not agreed on, or not in time
            sock.close()

    async def _check_connections(self) -> None:
        while True:
            await asyncio.sleep(CHECK_S)
            self._state.connections.check()

    async def _publish_statuses(self) -> None:
        while True:
            await asyncio.sleep(1 / STATUS_HZ)
            if self._state.snapshot is not None:
                self._state.publish_status()

    def _report_request(self, scope: Scope) -> None:
        self._state.connections.report_request(scope.get("client"))


def _uvicorn_config(app: Gatekeeper) -> uvicorn.Config:
    """Return the configuration of the protocols; accepting and limits are this module's."""
    config = uvicorn.Config(
        app,
        http="h11",
        ws="websockets-sansio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws_max_size=KEY_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=PING_S,
        ws_ping_timeout=PING_S,
        h11_max_incomplete_event_size=HEADER_BYTES,
    )
    config.load()
    return config


def _event_drops(hub: EventHub) -> Mapping[str, int]:
    return {subscription.name: subscription.dropped for subscription in hub.subscriptions}
