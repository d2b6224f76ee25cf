import builtins
import json
import os
import shutil
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from realtime.app import expected_person
from realtime.app.cli import main
from realtime.capture.demo import CLIP
from realtime.core.errors import SavedPersonError, UsageError
from realtime.person import saved_profile
from realtime.person.saved_profile import SavedPerson
from realtime.person.stats import MAX_CLIPS, PersonStats

RNG = np.random.default_rng(0)
KNOWN = PersonStats(
    7.5, RNG.normal(0, 1, 80).astype(np.float32), np.full(80, 0.0123, np.float32), 6.0
)
SOMEBODY = SavedPerson(KNOWN, "ab" * 32, 0.25, 6.0, (1.1, -0.2), 6)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's data folder of its own."""
    monkeypatch.setattr(saved_profile, "people_folder", lambda: tmp_path / "data" / "people")
    return tmp_path / "data" / "people"


def test_who_is_saved_comes_back_as_they_were() -> None:
    saved_profile.save("ann", SOMEBODY)
    found = saved_profile.load("ann")
    np.testing.assert_allclose(found.stats.neutral, KNOWN.neutral, atol=1e-6)
    np.testing.assert_allclose(
        found.stats.mean_square_movement, KNOWN.mean_square_movement, rtol=1e-5
    )
    assert (found.stats.clips, found.stats.expressions) == (7.5, 6.0)
    assert (found.bias, found.bias_clips, found.personal_offset, found.labelled) == (
        0.25,
        6.0,
        (1.1, -0.2),
        6,
    )


def test_only_its_owner_may_read_it_and_it_holds_numbers_alone(home: Path) -> None:
    path = saved_profile.save("ann", SOMEBODY)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    values = json.loads(path.read_text())
    assert {name for name, value in values.items() if isinstance(value, str)} == {"bundle_sha256"}
    assert path.stat().st_size < 10_000
    assert [entry.name for entry in home.iterdir()] == ["ann.json"]


def test_an_older_file_is_replaced_with_its_mode_mended() -> None:
    path = saved_profile.save("ann", SOMEBODY)
    path.chmod(0o644)
    saved_profile.save("ann", replace(SOMEBODY, bias=1.0))
    assert saved_profile.load("ann").bias == 1.0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_deleted_is_gone(home: Path) -> None:
    saved_profile.save("ann", SOMEBODY)
    saved_profile.save("bob", SOMEBODY)
    saved_profile.delete("ann")
    assert saved_profile.saved_names() == ["bob"]
    assert [entry.name for entry in home.iterdir()] == ["bob.json"]
    with pytest.raises(UsageError, match="nobody is saved as ann; there is bob"):
        saved_profile.load("ann")
    with pytest.raises(UsageError, match="nobody is saved as ann"):
        saved_profile.delete("ann")


def test_years_of_learning_weigh_no_more_than_a_session() -> None:
    saved_profile.save(
        "ann", replace(SOMEBODY, stats=replace(KNOWN, clips=1000.0, expressions=900.0))
    )
    found = saved_profile.load("ann").stats
    assert (found.clips, found.expressions) == (MAX_CLIPS, MAX_CLIPS)


def test_what_a_save_that_was_cut_off_left_is_gone_too(home: Path) -> None:
    saved_profile.save("ann", SOMEBODY).with_suffix(".tmp").write_text("half")
    saved_profile.delete("ann")
    assert list(home.iterdir()) == []


def test_a_folder_that_others_could_read_is_closed(home: Path) -> None:
    home.mkdir(parents=True, mode=0o755)
    saved_profile.save("ann", SOMEBODY)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


class TestWhereNothingCanBeWritten:
    """A file stands where the folder should be: refused to every user, root included."""

    @pytest.fixture(autouse=True)
    def blocked(self, home: Path) -> None:
        home.parent.write_text("")

    def test_saving_says_so(self) -> None:
        with pytest.raises(SavedPersonError, match=r"cannot save ann in .*people: .*XDG_DATA_HOME"):
            saved_profile.save("ann", SOMEBODY)

    def test_it_is_found_before_a_session_is_led(self) -> None:
        with pytest.raises(
            SavedPersonError, match=r"nobody can be saved in .*people: .*data is not writable"
        ):
            saved_profile.check_writable()

    def test_a_folder_that_cannot_be_read_does_not_pass_for_an_empty_one(self) -> None:
        for ask in (
            saved_profile.saved_names,
            lambda: saved_profile.load("ann"),
            lambda: saved_profile.delete("ann"),
        ):
            with pytest.raises(SavedPersonError, match="cannot be"):
                ask()


def test_before_anybody_is_saved_looking_makes_no_folder(home: Path) -> None:
    saved_profile.check_writable()
    assert saved_profile.saved_names() == []
    assert not home.parent.exists()


@pytest.mark.parametrize(
    "name", ["", "../ann", "a/b", ".ann", "ann.json", "ann\n", "x" * 65, "-ann", "Jörg", "a b"]
)
def test_a_name_that_could_lead_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is no name"):
        saved_profile.path_of(name)


@pytest.mark.parametrize(
    "change",
    [
        {"neutral": [0.0] * 79},
        {"square": [-1.0] * 80},
        {"clips": 0},
        {"own": [4.0, 0.0]},
        {"own": [0.0, -11.0]},
        {"format": 1},
        {"level": "x"},
        {"own": [1.0]},
        {"labelled": float("inf")},
        {"clips": 10**400},
        {"neutral": [10**400] * 80},
    ],
)
def test_a_damaged_file_is_refused_by_name(change: dict[str, Any]) -> None:
    path = saved_profile.save("ann", SOMEBODY)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(SavedPersonError, match=r"ann\.json is no saved person"):
        saved_profile.load("ann")


def test_a_file_that_is_no_profile_is_refused(home: Path) -> None:
    home.mkdir(parents=True)
    for text in ("[]", "{", "null", "x" * 100_000, "[" * 60_000):
        (home / "ann.json").write_text(text)
        with pytest.raises(SavedPersonError, match="no saved person"):
            saved_profile.load("ann")


def test_learning_needs_a_person_who_is_saved() -> None:
    with pytest.raises(UsageError, match="--learn needs a person"):
        expected_person.expected(None, True)
    with pytest.raises(UsageError, match="nobody is saved as ann"):
        expected_person.expected("ann", False)


class TestNothingOnDisk:
    """A run writes nothing about whom it watched unless they were saved by name."""

    @pytest.fixture
    def opened(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Every path that is opened for writing, by `open` or by `os.open`."""
        found: list[str] = []
        real_open, real_os_open = builtins.open, os.open

        def watching(file: Any, mode: str = "r", *rest: Any, **more: Any) -> Any:
            if isinstance(file, str | Path) and set(mode) & set("wax+"):
                found.append(str(file))
            return real_open(file, mode, *rest, **more)

        def os_watching(path: Any, flags: int, *rest: Any, **more: Any) -> int:
            if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                found.append(str(path))
            return real_os_open(path, flags, *rest, **more)

        monkeypatch.setattr(builtins, "open", watching)
        monkeypatch.setattr("io.open", watching)
        monkeypatch.setattr(os, "open", os_watching)
        return found

    def run(self, *options: str) -> int:
        return main(["--demo", "--lossless", "--fast", "--headless", *options])

    def written(self, opened: list[str]) -> list[str]:
        """The engine's cache and the system's own devices say nothing of anybody."""
        return [
            path
            for path in opened
            if "numba" not in path and "__pycache__" not in path and "/dev/" not in path
        ]

    def test_of_somebody_who_is_not_saved(self, opened: list[str], home: Path) -> None:
        assert self.run() == 0
        assert self.written(opened) == []
        assert not home.exists()

    def test_of_somebody_saved_only_if_it_is_to_learn(
        self, opened: list[str], home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        saved_profile.save("ann", SOMEBODY)
        before = (home / "ann.json").read_bytes()
        opened.clear()
        assert self.run("--person", "ann") == 0
        assert self.written(opened) == []
        assert (home / "ann.json").read_bytes() == before
        assert self.run("--person", "ann", "--learn") == 0
        assert {Path(path).parent for path in self.written(opened)} <= {home}
        assert "ann" in capsys.readouterr().out

    def test_of_several_files_each_says_what_it_taught(
        self, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        saved_profile.save("ann", SOMEBODY)
        for name in ("one.mp4", "two.mp4"):
            shutil.copy(CLIP, tmp_path / name)
        files = [str(tmp_path / name) for name in ("one.mp4", "two.mp4")]
        assert (
            main(
                [
                    "--replay",
                    *files,
                    "--to",
                    "3s",
                    "--fast",
                    "--headless",
                    "--person",
                    "ann",
                    "--learn",
                ]
            )
            == 0
        )
        said = [line for line in capsys.readouterr().out.splitlines() if "person" in line]
        assert [line.split(":")[0] for line in said] == ["one.mp4", "two.mp4"]
