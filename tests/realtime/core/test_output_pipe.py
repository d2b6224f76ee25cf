from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from realtime.core.errors import OutputInUse, RecordError
from realtime.core.output_pipe import open_fifo, write_chunk


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


def ignore(text: str) -> None:
    """Take a line that is said."""


def test_stdout_is_for_one_writer_and_what_is_printed_goes_to_stderr() -> None:
    """By Python, by the descriptor as C libraries do, and by a child process."""
    code = """if True:
        import os, subprocess, sys
        from realtime.core.output_pipe import reserve_stdout
        print("before")
        with reserve_stdout() as out:
            print("python")
            os.write(1, b"descriptor\\n")
            subprocess.run(["echo", "child"], check=True)
            os.write(out, b"record\\n")
        print("after")
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["before", "record", "after"]
    assert sorted(done.stderr.split()) == ["child", "descriptor", "python"]


def test_a_fifo_with_a_reader_is_opened_at_once(fifo: Path) -> None:
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    said: list[str] = []
    writer = open_fifo(fifo, said.append)
    assert write_chunk(writer, memoryview(b"line\n"), 1.0) == 5
    assert os.read(reader, 100) == b"line\n"
    assert said == []
    os.close(writer)
    os.close(reader)


def test_a_reader_is_waited_for(fifo: Path) -> None:
    said: list[str] = []
    reader = threading.Timer(0.1, lambda: fifo.read_bytes())
    reader.start()
    os.close(open_fifo(fifo, said.append, wait_s=60.0))
    reader.join(30)
    assert said == [f"waiting up to 60 s for a program that reads {fifo}"]


def test_without_a_reader_there_is_one_line_after_the_wait(fifo: Path) -> None:
    with pytest.raises(RecordError, match=r"no program has opened .*pipe.*Start one, such as"):
        open_fifo(fifo, ignore, wait_s=0.1)


def test_a_fifo_has_one_writer(fifo: Path) -> None:
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    writer = open_fifo(fifo, ignore)
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(OutputInUse, match="being written by another run"):
        open_fifo(fifo, ignore)
    assert len(os.listdir("/proc/self/fd")) == before
    os.close(writer)
    os.close(reader)


def test_what_is_no_fifo_any_more_or_missing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RecordError, match="is no FIFO any more"):
        open_fifo(tmp_path / "file", ignore)
    with pytest.raises(RecordError, match="no such file"):
        open_fifo(tmp_path / "missing", ignore)


def test_a_full_pipe_is_no_reason_to_wait_longer_and_a_reader_that_has_gone_is_an_error() -> None:
    reader, writer = os.pipe()
    data = memoryview(b"x" * 10_000)
    while write_chunk(writer, data, 0.0):
        pass
    assert write_chunk(writer, data, 0.01) == 0
    os.read(reader, 10_000)
    assert 0 < write_chunk(writer, data, 1.0) < len(data)
    os.close(reader)
    with pytest.raises(BrokenPipeError):
        write_chunk(writer, data, 1.0)
    os.close(writer)
