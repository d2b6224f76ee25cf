"""The user's folders, also of a user without a home."""

from __future__ import annotations

import pwd
from collections.abc import Callable
from pathlib import Path

import pytest

from realtime.core.user_folders import data_folder, settings_folder

Folder = Callable[[], Path | None]
FOLDERS = [(settings_folder, "XDG_CONFIG_HOME"), (data_folder, "XDG_DATA_HOME")]


@pytest.fixture
def no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user of whom the system knows nothing, as in a container started with `--user 54321`."""

    def unknown(number: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {number}")

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(("folder", "variable"), FOLDERS)
def test_a_variable_of_xdg_decides(folder: Folder, variable: str, monkeypatch) -> None:
    monkeypatch.setenv(variable, "/places")
    assert folder() == Path("/places/genuine-gauge")


@pytest.mark.usefixtures("no_home")
@pytest.mark.parametrize(("folder", "variable"), FOLDERS)
def test_without_a_home_there_is_none(folder: Folder, variable: str, monkeypatch) -> None:
    assert folder() is None
    monkeypatch.setenv(variable, "/places")
    assert folder() == Path("/places/genuine-gauge")


@pytest.mark.parametrize(("folder", "variable"), FOLDERS)
def test_a_folder_named_after_the_tilde_is_none(folder: Folder, variable: str, monkeypatch) -> None:
    """Older versions of platformdirs return `~/.config` where no home is known."""
    for name in ("user_config_path", "user_data_path"):
        monkeypatch.setattr(f"platformdirs.{name}", lambda *a, **k: Path("~/.config"))
    assert folder() is None
