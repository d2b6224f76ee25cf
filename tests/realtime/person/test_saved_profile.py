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
from realtime.landmarks.appearance import APPEARANCE
from realtime.person import saved_profile
from realtime.person.known_face import KnownFace
from realtime.person.saved_profile import SavedPerson
from realtime.person.stats import MAX_CLIPS, PersonStats

RNG = np.random.default_rng(0)
STATS = PersonStats(
    7.5, RNG.normal(0, 1, 80).astype(np.float32), np.full(80, 0.0123, np.float32), 6.0
)
WIDE = RNG.normal(0, 1, 80 + APPEARANCE).astype(np.float32)
FACE = KnownFace(RNG.normal(0, 0.05, 128).astype(np.float32), 12)
SAVED = SavedPerson(STATS, "ab" * 32, 0.25, 6.0, (1.1, -0.2), 6, FACE)
WITH_APPEARANCE = replace(  # as the packaged bundle's networks see a person
    SAVED, stats=replace(STATS, neutral=WIDE, mean_square_movement=np.full_like(WIDE, 0.0123))
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's data folder of its own."""
    monkeypatch.setattr(saved_profile, "people_folder", lambda: tmp_path / "data" / "people")
    return tmp_path / "data" / "people"


def test_a_saved_person_loads_with_the_same_values() -> None:
    saved_profile.save("ann", SAVED)
    loaded = saved_profile.load("ann")
    np.testing.assert_allclose(loaded.stats.neutral, STATS.neutral, atol=1e-6)
    np.testing.assert_allclose(
        loaded.stats.mean_square_movement, STATS.mean_square_movement, rtol=1e-5
    )
    assert (loaded.stats.clips, loaded.stats.expressions) == (7.5, 6.0)
    assert (loaded.bias, loaded.bias_clips, loaded.personal_offset, loaded.labelled) == (
        0.25,
        6.0,
        (1.1, -0.2),
        6,
    )


def test_the_face_is_loaded_with_its_count() -> None:
    saved_profile.save("ann", SAVED)
    face = saved_profile.load("ann").face
    assert face is not None
    assert face.count == FACE.count
    np.testing.assert_allclose(face.mean, FACE.mean, atol=1e-6)


def test_a_person_saved_before_faces_were_described_is_read_without_a_face(home: Path) -> None:
    path = saved_profile.save("ann", replace(SAVED, face=None))
    values = json.loads(path.read_text())
    assert not [name for name in values if name.startswith("face")]
    path.write_text(json.dumps({**values, "format": 2}))
    loaded = saved_profile.load("ann")
    assert loaded.face is None
    assert loaded.bias == SAVED.bias


def test_the_file_is_private_and_holds_only_numbers(home: Path) -> None:
    path = saved_profile.save("ann", SAVED)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    values = json.loads(path.read_text())
    assert {name for name, value in values.items() if isinstance(value, str)} == {"bundle_sha256"}
    assert path.stat().st_size < 10_000
    assert [entry.name for entry in home.iterdir()] == ["ann.json"]


def test_saving_again_replaces_the_file_and_restores_its_mode() -> None:
    path = saved_profile.save("ann", SAVED)
    path.chmod(0o644)
    saved_profile.save("ann", replace(SAVED, bias=1.0))
    assert saved_profile.load("ann").bias == 1.0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_deleted_person_is_no_longer_saved(home: Path) -> None:
    saved_profile.save("ann", SAVED)
    saved_profile.save("bob", SAVED)
    saved_profile.delete("ann")
    assert saved_profile.saved_names() == ["bob"]
    assert [entry.name for entry in home.iterdir()] == ["bob.json"]
    with pytest.raises(UsageError, match="no saved person named ann; saved: bob"):
        saved_profile.load("ann")
    with pytest.raises(UsageError, match="no saved person named ann"):
        saved_profile.delete("ann")


def test_the_weight_of_saved_stats_is_capped() -> None:
    saved_profile.save("ann", replace(SAVED, stats=replace(STATS, clips=1000.0, expressions=900.0)))
    stats = saved_profile.load("ann").stats
    assert (stats.clips, stats.expressions) == (MAX_CLIPS, MAX_CLIPS)


def test_deleting_also_removes_an_unfinished_save(home: Path) -> None:
    saved_profile.save("ann", SAVED).with_suffix(".tmp").write_text("half")
    saved_profile.delete("ann")
    assert list(home.iterdir()) == []


def test_an_existing_folder_becomes_private(home: Path) -> None:
    home.mkdir(parents=True, mode=0o755)
    saved_profile.save("ann", SAVED)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


class TestUnwritableFolder:
    """A file stands where the folder should be: refused to every user, root included."""

    @pytest.fixture(autouse=True)
    def blocked(self, home: Path) -> None:
        home.parent.write_text("")

    def test_saving_fails(self) -> None:
        with pytest.raises(SavedPersonError, match=r"cannot save ann in .*people: .*XDG_DATA_HOME"):
            saved_profile.save("ann", SAVED)

    def test_the_check_fails_before_a_session(self) -> None:
        with pytest.raises(
            SavedPersonError, match=r"cannot save in .*people: .*data is not writable"
        ):
            saved_profile.check_writable()

    def test_an_unreadable_folder_is_not_treated_as_empty(self) -> None:
        for access in (
            saved_profile.saved_names,
            lambda: saved_profile.load("ann"),
            lambda: saved_profile.delete("ann"),
        ):
            with pytest.raises(SavedPersonError, match="cannot be"):
                access()


def test_listing_and_checking_create_no_folder(home: Path) -> None:
    saved_profile.check_writable()
    assert saved_profile.saved_names() == []
    assert not home.parent.exists()


@pytest.mark.parametrize(
    "name", ["", "../ann", "a/b", ".ann", "ann.json", "ann\n", "x" * 65, "-ann", "Jörg", "a b"]
)
def test_a_name_that_could_leave_the_folder_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="invalid person name"):
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
        {"face": [0.0] * 127},
        {"face": [0.0] * 127 + ["far"]},
        {"face_descriptors": 0},
        {"level": "x"},
        {"own": [1.0]},
        {"labelled": float("inf")},
        {"clips": 10**400},
        {"neutral": [10**400] * 80},
    ],
)
def test_a_damaged_file_is_refused_by_name(change: dict[str, Any]) -> None:
    path = saved_profile.save("ann", SAVED)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(SavedPersonError, match=r"ann\.json is not a valid saved person"):
        saved_profile.load("ann")


def test_a_file_without_a_profile_is_refused(home: Path) -> None:
    home.mkdir(parents=True)
    for text in ("[]", "{", "null", "x" * 100_000, "[" * 60_000):
        (home / "ann.json").write_text(text)
        with pytest.raises(SavedPersonError, match="not a valid saved person"):
            saved_profile.load("ann")


def test_learning_needs_a_saved_person() -> None:
    with pytest.raises(UsageError, match="--learn updates a saved person"):
        expected_person.load_expected(None, True)
    with pytest.raises(UsageError, match="no saved person named ann"):
        expected_person.load_expected("ann", False)


class TestNothingOnDisk:
    """A run writes nothing about a person unless that person was saved by name."""

    @pytest.fixture
    def opened(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Paths opened for writing by `open` or `os.open`."""
        paths: list[str] = []
        real_open, real_os_open = builtins.open, os.open

        def recording_open(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            if isinstance(file, str | Path) and set(mode) & set("wax+"):
                paths.append(str(file))
            return real_open(file, mode, *args, **kwargs)

        def recording_os_open(path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
            if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                paths.append(str(path))
            return real_os_open(path, flags, *args, **kwargs)

        monkeypatch.setattr(builtins, "open", recording_open)
        monkeypatch.setattr("io.open", recording_open)
        monkeypatch.setattr(os, "open", recording_os_open)
        return paths

    def run(self, *options: str) -> int:
        return main(["--demo", "--to", "3s", "--fast", "--headless", *options])

    def written(self, opened: list[str]) -> list[str]:
        """Return opened paths except engine caches and devices, which hold nothing personal."""
        return [
            path
            for path in opened
            if "numba" not in path and "__pycache__" not in path and "/dev/" not in path
        ]

    def test_an_unsaved_person(self, opened: list[str], home: Path) -> None:
        assert self.run() == 0
        assert self.written(opened) == []
        assert not home.exists()

    def test_a_saved_person_changes_only_with_learn(
        self, opened: list[str], home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        saved_profile.save("ann", WITH_APPEARANCE)
        before = (home / "ann.json").read_bytes()
        opened.clear()
        assert self.run("--person", "ann") == 0
        assert self.written(opened) == []
        assert (home / "ann.json").read_bytes() == before
        assert self.run("--person", "ann", "--learn") == 0
        assert {Path(path).parent for path in self.written(opened)} <= {home}
        assert "ann" in capsys.readouterr().out

    def test_each_of_several_files_reports_its_update(
        self, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        saved_profile.save("ann", WITH_APPEARANCE)
        for name in ("one.mp4", "two.mp4"):
            shutil.copy(CLIP, tmp_path / name)
        files = [str(tmp_path / name) for name in ("one.mp4", "two.mp4")]
        options = ["--to", "1s", "--fast", "--headless", "--person", "ann", "--learn"]
        assert main(["--replay", *files, *options]) == 0
        lines = [line for line in capsys.readouterr().out.splitlines() if "profile was" in line]
        assert [line.split(":")[0] for line in lines] == ["one.mp4", "two.mp4"]


def test_a_file_anywhere_can_be_read_and_is_told_apart_from_a_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no saved person .*ann\.json"):
        saved_profile.load_file(tmp_path / "ann.json")
    (tmp_path / "ann.json").write_text("{}")
    with pytest.raises(SavedPersonError, match=r"is not a valid .* Name another file"):
        saved_profile.load_file(tmp_path / "ann.json")
