"""Folders of the user by the conventions of the system; nothing is created.

A service or a container may run as a user without a home folder and without HOME.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

APPLICATION = "genuine-gauge"


def settings_folder() -> Path | None:
    """Return the folder for settings; None where the system knows no home for this user."""
    from platformdirs import user_config_path

    return _absolute(lambda: user_config_path(APPLICATION, appauthor=False))


def data_folder() -> Path | None:
    """Return the folder for data; None where the system knows no home for this user."""
    from platformdirs import user_data_path

    return _absolute(lambda: user_data_path(APPLICATION, appauthor=False))


def _absolute(find: Callable[[], Path]) -> Path | None:
    try:
        folder = find()
    except (RuntimeError, KeyError):  # KeyError: the user is in no list of users
        return None
    # Versions of platformdirs differ: some return "~/.config" itself where no home is known.
    return folder if folder.is_absolute() else None
