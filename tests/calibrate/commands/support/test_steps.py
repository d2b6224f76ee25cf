from collections.abc import Callable
from pathlib import Path

import pytest

from calibrate.commands.support.steps import CommandStep, run_steps


@pytest.fixture
def done() -> list[str]:
    return []


def steps(folder: Path, done: list[str], **changes: object) -> list[CommandStep]:
    """Return the steps a, b after a, and c alone; `changes` are what they depend on."""

    def work(name: str) -> Callable[[], None]:
        def write() -> None:
            done.append(name)
            (folder / name).write_text(name)

        return write

    after: dict[str, tuple[str, ...]] = {"a": (), "b": ("a",), "c": ()}
    return [
        CommandStep(name, (folder / name,), after[name], (changes.get(name),), work(name))
        for name in after
    ]


def run(folder: Path, done: list[str], **changes: object) -> list[str]:
    done.clear()
    run_steps(steps(folder, done, **changes), folder / "steps.json")
    return list(done)


def test_each_step_is_done_once(
    tmp_path: Path, done: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, done) == ["a", "b", "c"]
    assert capsys.readouterr().out.splitlines() == [
        f"step {number} of 3: {name}" for number, name in enumerate("abc", start=1)
    ]
    assert run(tmp_path, done) == []
    assert capsys.readouterr().out.count("done before") == 3


@pytest.mark.parametrize(("changed", "again"), [("a", ["a", "b"]), ("b", ["b"]), ("c", ["c"])])
def test_what_a_change_decides_is_done_again(
    changed: str, again: list[str], tmp_path: Path, done: list[str]
) -> None:
    run(tmp_path, done)
    assert run(tmp_path, done, **{changed: 1}) == again
    assert run(tmp_path, done, **{changed: 1}) == []


def test_a_missing_output_is_made_again(tmp_path: Path, done: list[str]) -> None:
    run(tmp_path, done)
    (tmp_path / "b").unlink()
    assert run(tmp_path, done) == ["b"]


def test_a_step_that_fails_is_not_taken_as_done(tmp_path: Path, done: list[str]) -> None:
    def fail() -> None:
        raise OSError("disk full")

    some = steps(tmp_path, done)
    some[1] = CommandStep("b", (tmp_path / "b",), ("a",), (None,), fail)
    (tmp_path / "b").touch()  # of an earlier run
    with pytest.raises(OSError, match="disk full"):
        run_steps(some, tmp_path / "steps.json")
    assert run(tmp_path, done) == ["b", "c"]


@pytest.mark.parametrize("damage", ["", "[1]", "{"])
def test_damaged_stamps_count_as_none(damage: str, tmp_path: Path, done: list[str]) -> None:
    run(tmp_path, done)
    (tmp_path / "steps.json").write_text(damage)
    assert run(tmp_path, done) == ["a", "b", "c"]
