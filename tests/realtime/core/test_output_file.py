from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from realtime.core import output_file
from realtime.core.errors import OutputInUse, RecordError
from realtime.core.output_file import OutputFile, open_output

ROOT = Path(__file__).parents[3]
HOLDER = """if True:
    import sys
    from pathlib import Path
    from realtime.core.output_file import open_output
    file = open_output(Path(sys.argv[1]))
    print("locked", flush=True)
    sys.stdin.read()
"""


def hard_link(path: Path) -> Path:
    os.link(path, path.with_name("hard"))
    return path.with_name("hard")


def symbolic_link(path: Path) -> Path:
    path.with_name("soft").symlink_to(path)
    return path.with_name("soft")


def other_spelling(path: Path) -> Path:
    return path.parent / ".." / path.parent.name / path.name


def same_name(path: Path) -> Path:
    return path


def test_a_new_file_is_private_whatever_the_umask_and_removed_if_empty(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        file = open_output(tmp_path / "a")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600
    file.close()
    file.close()
    assert not (tmp_path / "a").exists()


def test_an_older_file_stays_as_it_is_until_it_is_truncated(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"older, and longer")
    path.chmod(0o640)
    open_output(path).close()
    assert path.read_bytes() == b"older, and longer"
    file = open_output(path)
    file.truncate(0)
    assert file.write(b"newer") == 5
    file.close()
    assert path.read_bytes() == b"newer"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_an_older_empty_file_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    open_output(tmp_path / "a").close()
    assert (tmp_path / "a").exists()


@pytest.mark.parametrize("name", [same_name, hard_link, symbolic_link, other_spelling])
def test_a_file_is_locked_under_all_its_names(name, tmp_path: Path) -> None:
    file = open_output(tmp_path / "a")
    other = name(tmp_path / "a")
    with pytest.raises(OutputInUse) as raised:
        open_output(other)
    assert str(other) in str(raised.value)
    assert raised.value.exit_code == 2
    file.write(b"mine")
    file.close()
    open_output(other).close()
    assert (tmp_path / "a").read_bytes() == b"mine"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_lock_dies_with_its_process(number: int, tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "a")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        with pytest.raises(OutputInUse):
            open_output(tmp_path / "a")
        holder.send_signal(number)
    open_output(tmp_path / "a").close()
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_a_child_does_not_inherit_the_lock(tmp_path: Path) -> None:
    """A worker that outlives its killed parent must not keep the file locked."""
    file = open_output(tmp_path / "a")
    command = [sys.executable, "-c", "import sys; print(1, flush=True); sys.stdin.read()"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, close_fds=False) as child:
        assert child.stdout is not None
        child.stdout.readline()
        file.close()
        open_output(tmp_path / "a").close()
        child.kill()


def test_a_link_to_a_file_that_does_not_exist_yet_is_followed(tmp_path: Path) -> None:
    (tmp_path / "soft").symlink_to(tmp_path / "real")
    file = open_output(tmp_path / "soft")
    assert stat.S_IMODE((tmp_path / "real").stat().st_mode) == 0o600
    file.close()
    assert (tmp_path / "soft").is_symlink()
    assert not (tmp_path / "real").exists()


def test_a_file_that_another_run_removed_before_the_lock_is_created_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That run closes an empty file of its own between our opening and our lock."""
    path, locked = tmp_path / "a", []
    path.touch()

    def lock(descriptor: int, name: Path) -> None:
        if not locked:
            path.unlink()
        locked.append(descriptor)

    monkeypatch.setattr(output_file, "lock", lock)
    file = open_output(path)
    file.write(b"found")
    file.close()
    assert len(locked) == 2
    assert path.read_bytes() == b"found"


def test_a_file_that_never_stays_is_given_up(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(output_file, "lock", lambda descriptor, path: path.unlink())
    with pytest.raises(RecordError, match="busy"):
        open_output(tmp_path / "a")


def test_another_file_that_took_the_name_is_not_removed(tmp_path: Path) -> None:
    file = open_output(tmp_path / "a")
    (tmp_path / "b").touch()
    (tmp_path / "b").rename(tmp_path / "a")
    assert not file.is_at_path()
    file.close()
    assert (tmp_path / "a").exists()


def test_of_many_threads_one_gets_the_file(tmp_path: Path) -> None:
    opened, refused = [], []
    barrier = threading.Barrier(8)

    def work() -> None:
        barrier.wait(timeout=30)
        try:
            opened.append(open_output(tmp_path / "a"))
        except OutputInUse as error:
            refused.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert (len(opened), len(refused)) == (1, 7)
    opened[0].close()


@pytest.mark.parametrize("kind", ["fifo", "socket", "device", "folder"])
def test_only_a_regular_file_is_opened_and_nothing_blocks(kind: str, tmp_path: Path) -> None:
    import socket

    path = tmp_path / "a"
    with socket.socket(socket.AF_UNIX) as server:
        if kind == "fifo":
            os.mkfifo(path)
        elif kind == "socket":
            server.bind(str(path))
        elif kind == "device":
            path.symlink_to(os.devnull)
        else:
            path.mkdir()
        with pytest.raises(RecordError, match="not a regular file") as raised:
            open_output(path)
    assert "\n" not in str(raised.value)
    assert os.path.lexists(path)


def test_a_file_system_without_locks_is_written_all_the_same(tmp_path: Path, monkeypatch) -> None:
    def flock(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(output_file.fcntl, "flock", flock)
    file = open_output(tmp_path / "a")
    assert file.write(b"x") == 1
    file.close()


def test_writing_a_part_goes_on_with_the_rest(tmp_path: Path, monkeypatch) -> None:
    file = open_output(tmp_path / "a")
    whole = file._raw.write

    class Slow:
        closed = False

        def write(self, data: memoryview) -> int | None:
            return whole(data[:3])

        def __getattr__(self, name: str) -> object:
            return getattr(raw, name)

    raw, file._raw = file._raw, Slow()  # type: ignore[assignment]
    assert file.write(b"0123456789") == 10
    raw.close()
    assert (tmp_path / "a").read_bytes() == b"0123456789"


def test_a_renamed_file_stays_open_and_locked(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"older")
    file = open_output(tmp_path / "a")
    file.write(b"one")
    file.rename(tmp_path / "b")
    with pytest.raises(OutputInUse):
        open_output(tmp_path / "b")
    file.write(b"two")
    file.close()
    assert (tmp_path / "b").read_bytes() == b"onetwo"
    assert [each.name for each in tmp_path.iterdir()] == ["b"]


def test_a_file_is_not_moved_over_that_of_another_run(tmp_path: Path) -> None:
    other, file = open_output(tmp_path / "b"), open_output(tmp_path / "a")
    other.write(b"theirs")
    with pytest.raises(OutputInUse, match="b is being written"):
        file.rename(tmp_path / "b")
    other.close()
    assert (tmp_path / "b").read_bytes() == b"theirs"
    file.close()


def test_a_file_under_a_name_that_another_took_is_not_moved(tmp_path: Path) -> None:
    """The user moved it away, and another run began a file of that name."""
    file = open_output(tmp_path / "a")
    file.write(b"mine")
    (tmp_path / "a").rename(tmp_path / "kept")
    (tmp_path / "a").write_bytes(b"theirs")
    with pytest.raises(FileNotFoundError):
        file.rename(tmp_path / "b")
    file.close()
    assert (tmp_path / "a").read_bytes() == b"theirs"
    assert not (tmp_path / "b").exists()


def test_a_deleted_file_is_noticed(tmp_path: Path) -> None:
    file = open_output(tmp_path / "a")
    assert not file.is_deleted()
    (tmp_path / "a").unlink()
    assert file.is_deleted()
    file.close()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("nowhere/a", "there is no folder"),
        ("file/a", "not a directory"),
        ("n" * 300, "file name too long"),
        ("loop", "too many levels of symbolic links"),
    ],
)
def test_a_file_that_cannot_be_opened_gives_one_line(name: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(RecordError, match=why) as raised:
        open_output(tmp_path / name)
    assert "\n" not in str(raised.value)
    assert raised.value.exit_code == 1


def test_an_error_while_it_is_opened_leaves_no_descriptor(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(5):
            with pytest.raises(OSError, match="not a regular file"):
                OutputFile.open(tmp_path / "pipe")
        assert len(os.listdir("/proc/self/fd")) == before
    finally:
        os.close(reader)
