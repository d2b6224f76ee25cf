from __future__ import annotations

import pytest

from realtime.capture.live.address_secrets import fill_in_secrets
from realtime.core.errors import UsageError


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMERA_USER", "anna")
    monkeypatch.setenv("CAMERA_PASSWORD", "p@ss/w:rd")
    monkeypatch.delenv("CAMERA_NOTHING", raising=False)


@pytest.mark.parametrize(
    ("address", "filled_in"),
    [
        ("rtsp://me:${CAMERA_PASSWORD}@host/a", "rtsp://me:p%40ss%2Fw%3Ard@host/a"),
        ("rtsp://${CAMERA_USER}:${CAMERA_PASSWORD}@host", "rtsp://anna:p%40ss%2Fw%3Ard@host"),
        ("HTTP://${CAMERA_USER}@host:80/x", "HTTP://anna@host:80/x"),
        ("rtsp://me:secret@host/a", "rtsp://me:secret@host/a"),
        ("rtsp://host/a/${CAMERA_USER}@b", "rtsp://host/a/${CAMERA_USER}@b"),
        ("rtsp://host/${CAMERA_USER}", "rtsp://host/${CAMERA_USER}"),
        ("rtsp://me:$CAMERA_PASSWORD@host", "rtsp://me:$CAMERA_PASSWORD@host"),
    ],
)
def test_only_user_and_password_come_from_the_environment(address: str, filled_in: str) -> None:
    assert fill_in_secrets(address) == filled_in


def test_a_name_that_is_not_set_is_an_error_without_a_value() -> None:
    with pytest.raises(UsageError, match=r"names \$\{CAMERA_NOTHING\}") as raised:
        fill_in_secrets("rtsp://${CAMERA_USER}:${CAMERA_NOTHING}@host")
    assert "anna" not in str(raised.value)
