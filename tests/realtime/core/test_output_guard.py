from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from realtime.core.errors import OutputInUse, RecordError, UsageError
from realtime.core.output_file import open_output
from realtime.core.output_guard import (
    MAX_HELD,
    Output,
    check_outputs_apart,
    file_id,
    hold_inputs,
    lock_outputs,
)

ROOT = Path(__file__).parents[3]
HOLDER = """if True:
    import sys
    from pathlib import Path
    from realtime.core.output_guard import lock_outputs
    with lock_outputs([Path(sys.argv[1])], [Path(sys.argv[2])]):
        print("locked", flush=True)
        sys.stdin.read()
"""


def out(path: Path, folder: bool = False) -> Output:
    return Output("--out", path, folder)


def by_name(path: Path) -> Path:
    return path


def by_spelling(path: Path) -> Path:
    return path.parent / ".." / path.parent.name / "." / path.name


def by_hard_link(path: Path) -> Path:
    os.link(path, path.parent / "hard")
    return path.parent / "hard"


def by_symbolic_link(path: Path) -> Path:
    (path.parent / "soft").symlink_to(path.name)
    return path.parent / "soft"


def by_link_to_a_link(path: Path) -> Path:
    (path.parent / "second").symlink_to(by_symbolic_link(path))
    return path.parent / "second"


def by_linked_folder(path: Path) -> Path:
    (path.parent.parent / "other").symlink_to(path.parent)
    return path.parent.parent / "other" / path.name


NAMES = [by_name, by_spelling, by_hard_link, by_symbolic_link, by_link_to_a_link, by_linked_folder]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "here").mkdir()
    return tmp_path / "here"


@pytest.mark.parametrize("name", NAMES)
def test_an_output_is_no_input_under_any_name(name, here: Path) -> None:
    source = here / "source"
    source.write_text("precious")
    output = name(source)
    with pytest.raises(UsageError) as raised:
        check_outputs_apart([out(here / "new"), out(output)], [here / "else", source])
    assert f"--out {output} would overwrite {source}" in str(raised.value)
    assert raised.value.exit_code == 2
    assert source.read_text() == "precious"


@pytest.mark.parametrize("name", NAMES)
def test_two_outputs_are_not_one_file(name, here: Path) -> None:
    (here / "a").touch()
    with pytest.raises(UsageError, match="are the same file"):
        check_outputs_apart([out(here / "a"), out(name(here / "a"))], [])


@pytest.mark.parametrize("name", [by_name, by_spelling, by_symbolic_link, by_linked_folder])
def test_two_outputs_are_not_one_file_that_does_not_exist_yet(name, here: Path) -> None:
    with pytest.raises(UsageError, match="are the same file"):
        check_outputs_apart([out(here / "a"), out(name(here / "a"))], [])
    assert not (here / "a").exists()


def test_names_that_only_look_alike_are_accepted(here: Path) -> None:
    (here / "sub").mkdir()
    (here / "a").touch()
    check_outputs_apart(
        [out(here / "A"), out(here / "sub" / "a"), out(here / "a.1"), out(here / "nowhere" / "a")],
        [here / "a"],
    )


def test_a_folder_that_is_emptied_may_hold_no_input_at_any_depth(here: Path) -> None:
    deep = here / "parts" / "of" / "it"
    deep.mkdir(parents=True)
    (deep / "clip").touch()
    (here / "elsewhere").symlink_to(deep)
    for source in (deep / "clip", here / "elsewhere" / "clip"):
        with pytest.raises(UsageError, match="would overwrite"):
            check_outputs_apart([out(here / "parts", folder=True)], [source])
    (here / "clip").symlink_to(deep / "clip")
    with pytest.raises(UsageError, match="would overwrite"):
        check_outputs_apart([out(here / "parts", folder=True)], [here / "clip"])
    check_outputs_apart([out(here / "other", folder=True)], [deep / "clip"])
    check_outputs_apart([out(here / "parts" / "new")], [deep / "clip"])


@pytest.mark.parametrize("kind", ["fifo", "device", "folder"])
def test_a_file_output_is_a_regular_file(kind: str, here: Path) -> None:
    if kind == "fifo":
        os.mkfifo(here / "a")
    elif kind == "device":
        (here / "a").symlink_to(os.devnull)
    else:
        (here / "a").mkdir()
    with pytest.raises(UsageError, match="is not a regular file"):
        check_outputs_apart([out(here / "a")], [])


def test_a_folder_output_is_no_file(here: Path) -> None:
    (here / "a").touch()
    with pytest.raises(UsageError, match="is not a folder"):
        check_outputs_apart([out(here / "a", folder=True)], [])


def test_names_of_any_kind_can_be_compared(here: Path) -> None:
    """A loop of links, a name that is too long, one of undecodable bytes, a file as a folder."""
    (here / "loop").symlink_to("loop")
    (here / "file").touch()
    names = ["loop", "n" * 300, os.fsdecode(b"caf\xe9"), "file/inside", "no/where"]
    identities = {file_id(here / name) for name in names}
    assert len(identities) == len(names)
    check_outputs_apart([out(here / name) for name in names], [here / "else"])


@pytest.mark.parametrize("name", [by_name, by_spelling, by_symbolic_link, by_linked_folder])
def test_a_file_written_later_is_locked_before_it_exists(name, here: Path) -> None:
    other = name(here / "a")
    with lock_outputs([here / "a"]):
        assert not (here / "a").exists()
        with pytest.raises(OutputInUse) as raised, lock_outputs([other]):
            pass
        assert str(other) in str(raised.value)
    with lock_outputs([other]):
        pass
    assert not [path for path in here.iterdir() if not path.is_symlink()]


def test_a_file_that_exists_is_locked_under_its_other_names_too(here: Path) -> None:
    (here / "a").write_text("older")
    with lock_outputs([here / "a"]):
        with pytest.raises(OutputInUse), lock_outputs([by_hard_link(here / "a")]):
            pass
        with pytest.raises(OutputInUse):
            open_output(here / "a")
    assert (here / "a").read_text() == "older"


def test_a_file_replaced_under_the_lock_is_kept(here: Path) -> None:
    with lock_outputs([here / "a"]):
        (here / "a.tmp").write_text("new")
        (here / "a.tmp").rename(here / "a")
        with pytest.raises(OutputInUse), lock_outputs([here / "a"]):
            pass
    assert [path.name for path in here.iterdir()] == ["a"]
    assert (here / "a").read_text() == "new"


def test_a_name_of_full_length_has_a_lock(here: Path) -> None:
    path = here / ("n" * 255)
    with lock_outputs([path]), pytest.raises(OutputInUse), lock_outputs([path]):
        pass


def test_the_lock_beside_a_saved_person_does_not_name_them(here: Path) -> None:
    with lock_outputs([here / "ann.json"]):
        assert "ann" not in "".join(path.name for path in here.iterdir())


def test_a_file_that_another_run_reads_is_not_written_but_read(here: Path) -> None:
    (here / "clip").write_text("precious")
    with hold_inputs([here / "missing", here, here / "clip"]), hold_inputs([here / "clip"]):
        for output in (open_output, lambda path: lock_outputs([path]).__enter__()):
            with pytest.raises(OutputInUse, match="clip is being read by another run"):
                output(by_name(here / "clip"))
    open_output(here / "clip").close()
    assert (here / "clip").read_text() == "precious"


def test_a_file_that_another_run_writes_can_be_read(here: Path) -> None:
    file = open_output(here / "clip")
    with hold_inputs([here / "clip"]), pytest.raises(OutputInUse, match="is being written"):
        open_output(here / "clip")
    file.close()


def test_of_very_many_inputs_some_are_held_and_none_fails(here: Path) -> None:
    paths = [here / str(number) for number in range(2000)]
    for path in paths:
        path.touch()
    before = len(os.listdir("/proc/self/fd"))
    with hold_inputs(paths):
        assert len(os.listdir("/proc/self/fd")) == before + MAX_HELD
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_folder_is_made_and_locked_and_removed_if_nothing_came_into_it(here: Path) -> None:
    folder = here / "new" / "report"
    with lock_outputs(folders=[folder]):
        assert folder.is_dir()
        with (
            pytest.raises(OutputInUse, match="soft is being written"),
            lock_outputs(folders=[by_symbolic_link(folder)]),
        ):
            pass
        (folder.parent / "soft").unlink()
    assert list(here.iterdir()) == []
    with lock_outputs(folders=[folder]):
        (folder / "metrics.json").touch()
    assert (folder / "metrics.json").exists()


def test_a_folder_that_cannot_be_made_is_one_line(here: Path) -> None:
    (here / "file").touch()
    with (
        pytest.raises(RecordError, match=r"cannot write .*file/report: not a directory"),
        lock_outputs(folders=[here / "file" / "report"]),
    ):
        pass


def test_kill_9_leaves_nothing_that_blocks_the_next_run(here: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(here / "a"), str(here / "folder")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        for files, folders in (([here / "a"], []), ([], [here / "folder"])):
            with pytest.raises(OutputInUse), lock_outputs(files, folders):
                pass
        holder.send_signal(signal.SIGKILL)
    assert not (here / "a").exists()
    assert len(list(here.iterdir())) == 2  # the folder and a lock file
    with lock_outputs([here / "a"], [here / "folder"]):
        pass
    assert [path.name for path in here.iterdir()] == ["folder"]


def test_a_fifo_may_take_the_place_of_a_file_where_that_is_said(here: Path) -> None:
    os.mkfifo(here / "a")
    check_outputs_apart([Output("--record", here / "a", fifo=True)], [])
    (here / "b").mkdir()
    with pytest.raises(UsageError, match="is not a regular file"):
        check_outputs_apart([Output("--record", here / "b", fifo=True)], [])
