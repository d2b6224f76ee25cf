from pathlib import Path

import pytest
from recordings import recording_of
from synthetic import simulate

from calibrate.scoring.inspection import FileFacts
from calibrate.scoring.work_store import WorkStore, file_mark, key_of


@pytest.fixture
def store(tmp_path: Path) -> WorkStore:
    made = WorkStore(tmp_path / "t.csv.parts")
    made.make()
    return made


def test_what_is_kept_is_private_and_can_be_removed(store: WorkStore) -> None:
    (track,) = simulate(1, 1, seed=0)
    store.save_recording("ab1", recording_of(track))
    store.save_scores("cd2", {"x": 1})
    store.add_facts("mark", FileFacts("1"))
    assert store.load_recording("ab1").track.clip.name == track.clip.name
    assert (store.load_scores("cd2"), store.has_scores("ab1")) == ({"x": 1}, False)
    modes = {path.name: path.stat().st_mode & 0o777 for path in store.folder.rglob("*")}
    assert {modes[name] for name in ("ab1.npz", "cd2.json", "files.jsonl")} == {0o600}
    store.remove()
    assert not store.folder.exists()


def test_a_torn_line_of_a_killed_run_is_passed_over(store: WorkStore) -> None:
    store.add_facts("a", FileFacts("1", 2.5))
    with (store.folder / "files.jsonl").open("a") as file:
        file.write('\n{"mark": "b", "sha2')
    store.add_facts("c", FileFacts("3"))
    assert store.load_facts() == {"a": FileFacts("1", 2.5), "c": FileFacts("3")}


def test_a_file_that_changed_has_another_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    assert file_mark(path) == ""
    path.write_text("1")
    before = file_mark(path)
    path.write_text("12")
    assert before != file_mark(path) != ""


def test_a_key_depends_on_everything() -> None:
    assert len({key_of("a"), key_of("a", "b"), key_of("b", "a"), key_of(("a", "b"))}) == 4
