"""First request to an http(s) address: what it sends, or in one line why it sends nothing."""

from __future__ import annotations

import http.client
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit, urlunsplit

from realtime.core.errors import StreamUnreachable

CHUNK_BYTES = 65_536
REFUSALS = {
    401: "asks for a user and a password (401). Write them as http://user:password@host/...",
    403: "forbids access (403). Has this user the right to see it?",
    404: "has no such page (404). Check the path",
}


@dataclass(frozen=True, slots=True, eq=False)
class HttpAnswer:
    """Open answer of a server; `content_type` in lower case, without parameters."""

    content_type: str
    boundary: bytes
    response: http.client.HTTPResponse

    @property
    def endless(self) -> bool:
        """Whether the body has no declared length and cannot be asked for again in parts."""
        headers = self.response.headers
        return "Content-Length" not in headers and "Accept-Ranges" not in headers

    @property
    def is_mjpeg(self) -> bool:
        """Whether the body is a multipart stream of pictures, by its type or by its beginning."""
        if self.content_type.startswith("multipart/"):
            return True
        if not self.endless:
            return False
        beginning = self.response.peek(CHUNK_BYTES).lstrip(b"\r\n")[:200]
        return beginning.startswith(b"--") and b"content-type: image/" in beginning.lower()

    def chunks(self) -> Iterator[bytes]:
        """Yield the body as it arrives, until the server closes; raises `OSError`."""
        while chunk := self.read(CHUNK_BYTES):
            yield chunk

    def read(self, size: int) -> bytes:
        """Return what has arrived, at most `size` bytes; wait if that is nothing."""
        return self.response.read1(size)

    def close(self) -> None:
        """Close the connection."""
        self.response.close()


def open_http(url: str, name: str, timeout_s: float) -> HttpAnswer:
    """Request `url`; `name` is what error messages call it. Raises `StreamUnreachable`.

    Certificates are not verified: most cameras sign their own. `timeout_s` limits each wait.
    """
    with _explained(name, timeout_s):
        response = _opener(url).open(_without_password(url), timeout=timeout_s)
        headers = response.headers
        boundary = headers.get_param("boundary", "")
        return HttpAnswer(headers.get_content_type(), str(boundary).encode("latin-1"), response)


def explain_socket(host: str, port: int, name: str, timeout_s: float) -> None:
    """Raise `StreamUnreachable` with the reason if nothing listens at `host` and `port`."""
    with _explained(name, timeout_s):
        socket.create_connection((host, port), timeout_s).close()


@contextmanager
def _explained(name: str, timeout_s: float) -> Iterator[None]:
    try:
        yield
    except urllib.error.HTTPError as error:
        error.close()
        told = REFUSALS.get(error.code, f"answers with error {error.code} ({error.reason})")
        raise StreamUnreachable(f"{name} {told}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise StreamUnreachable(f"{name} {_reason(error, timeout_s)}") from None


def _reason(error: BaseException, timeout_s: float) -> str:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    match cause:
        case socket.gaierror():
            return "is an unknown host. Check the name and the network"
        case ConnectionRefusedError():
            return "refuses the connection. Is the sender running, and the port right?"
        case ssl.SSLError():
            told = (cause.reason or str(cause)).lower().replace("_", " ")
            return f"speaks no TLS that works here ({told}). Try http:// or rtsp://"
        case TimeoutError():
            return f"gave no answer within {timeout_s:g} s. Check the address and the network"
        case OSError():
            return f"cannot be reached: {(cause.strerror or str(cause)).lower()}"
        case ValueError():  # urllib knows no other way to log in than Basic and Digest
            return REFUSALS[401]
        case _:
            return "does not answer as HTTP. Is it another kind of server? Try rtsp://"


def _opener(url: str) -> urllib.request.OpenerDirector:
    """Return an opener that logs in, by Basic or Digest, with what stands in `url`."""
    unverified = ssl.create_default_context()
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE
    handlers: list[urllib.request.BaseHandler] = [urllib.request.HTTPSHandler(context=unverified)]
    parts = urlsplit(url)
    if parts.username is not None:
        passwords = urllib.request.HTTPPasswordMgrWithPriorAuth()
        user, password = unquote(parts.username), unquote(parts.password or "")
        passwords.add_password(None, _without_password(url), user, password)
        handlers.append(urllib.request.HTTPBasicAuthHandler(passwords))
        handlers.append(urllib.request.HTTPDigestAuthHandler(passwords))
    return urllib.request.build_opener(*handlers)


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
