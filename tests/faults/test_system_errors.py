"""Errors of the system in any option of any command: one line and exit code 1 or 2, no traceback.

The options are the parsers' own, so a new option is covered by itself.
"""

from __future__ import annotations

import argparse
import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest

import calibrate.cli
import realtime.app.cli
from realtime.core.errors import RecordError, SavedPersonError
from realtime.person import saved_profile

WATCH = ("--demo", "--headless", "--fast", "--to", "0.3s", "--yes")
SOURCES = ("--camera", "--replay", "--url", "--demo")
ENDINGS = ("", ".jsonl", ".mp4", ".json", ".npz")
TEXTS = ("", " ", "-1", "nan", "9" * 400, "\x1b[2J", "\udce9", "é" * 300, "a/b", "~nobody/x")


def subcommands() -> dict[str, argparse.ArgumentParser]:
    actions = calibrate.cli.parser()._actions
    (found,) = (a for a in actions if isinstance(a, argparse._SubParsersAction))
    return dict(found.choices)


def with_value(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Return the arguments that take a value."""
    return [action for action in parser._actions if action.nargs != 0]


def name_of(action: argparse.Action) -> str:
    return action.option_strings[-1] if action.option_strings else action.dest


@pytest.fixture
def values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Texts, and names of files that fail when they are looked up, read or written."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "people"))
    (tmp_path / "file").touch()
    names = []
    for ending in ENDINGS:
        (tmp_path / f"loop{ending}").symlink_to(f"loop{ending}")
        (tmp_path / f"full{ending}").symlink_to("/dev/full")
        (tmp_path / f"folder{ending}").mkdir()
        names += [f"{kind}{ending}" for kind in ("n" * 300, "loop", "full", "folder")]
    return [*TEXTS, *names, "file/below", "/proc/self/mem", "/dev/null"]


Main = Callable[[list[str]], int]


def assert_one_line(main: Main, call: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    code = main(call)
    out, shown = capsys.readouterr()
    errors = shown.splitlines()
    lines = [line for line in errors if not line.startswith(("realtime: note:", "skipped "))]
    assert code in (0, 1, 2), call
    assert "This is a bug" not in "".join(errors), call
    assert not any("Traceback" in line for line in errors), call
    assert all(line.isprintable() for line in errors), call
    if code and not out.startswith("file "):  # the table of several files has their errors
        assert len(lines) == 1, (call, errors)


OPTIONS = with_value(realtime.app.cli.parser())


@pytest.mark.parametrize("action", OPTIONS, ids=name_of)
def test_any_value_of_any_option_of_realtime(
    action: argparse.Action,
    values: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("realtime.app.session.load_pipeline", _refuse_to_load)
    option = name_of(action)
    base = [each for each in WATCH if each != "--demo" or option not in SOURCES]
    base = base if option != "--to" else [each for each in base if each not in ("--to", "0.3s")]
    for value in values:
        assert_one_line(realtime.app.cli.main, [*base, f"{option}={value}"], capsys)


def _refuse_to_load(*given: object) -> None:
    """End a run whose options were all accepted, before anything heavy."""
    raise RecordError("accepted")


def calls(command: argparse.ArgumentParser, tried: argparse.Action, value: str) -> list[str]:
    """Return a call of `command` with `value` for `tried`, and of the rest what is required."""
    call: list[str] = []
    for action in command._actions:
        text = value if action is tried else "missing" if _is_needed(command, action) else None
        if text is not None and action.option_strings:
            call.append(f"{name_of(action)}={text}")
    rest = [
        value if action is tried else "missing"
        for action in command._actions
        if not action.option_strings and (action is tried or action.nargs != "?")
    ]
    return [*call, "--", *rest]


def _is_needed(command: argparse.ArgumentParser, action: argparse.Action) -> bool:
    groups = command._mutually_exclusive_groups
    first = [g._group_actions[0] for g in groups if g.required]
    return bool(action.option_strings) and (action.required or action in first)


CALIBRATE = [
    pytest.param(name, action, id=f"{name} {name_of(action)}")
    for name, command in subcommands().items()
    for action in with_value(command)
]


@pytest.mark.parametrize(("name", "action"), CALIBRATE)
def test_any_value_of_any_option_of_calibrate(
    name: str,
    action: argparse.Action,
    values: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("calibrate.people.enrol.from_camera", _refuse_to_load)
    command = subcommands()[name]
    (tried,) = (each for each in with_value(command) if name_of(each) == name_of(action))
    for value in values:
        call = [name, *calls(command, tried, value)]
        assert_one_line(calibrate.cli.main, call, capsys)


SYSTEM = [errno.EACCES, errno.ENOSPC, errno.ENAMETOOLONG, errno.ELOOP, errno.EROFS, errno.EIO]


@pytest.mark.parametrize("name", list(subcommands()))
def test_an_error_from_within_any_command_of_calibrate(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = import_module(calibrate.cli.module_of(name))
    command = subcommands()[name]
    positional = ["x" for action in command._actions if not action.option_strings]
    needed = [f"{name_of(each)}=y" for each in command._actions if _is_needed(command, each)]
    for number in SYSTEM:
        monkeypatch.setattr(module, "run", _raising(number))
        assert calibrate.cli.main([name, *needed, *positional]) == 1
        line = capsys.readouterr().err
        assert line.startswith("calibrate: ")
        assert f"here: {os.strerror(number)}. " in line
        assert line.count("\n") == 1


@pytest.mark.parametrize(
    ("inside", "call"),
    [
        ("realtime.app.options.Options.of", WATCH),
        ("realtime.app.main.run", WATCH),
        ("realtime.app.consent_notice.show_notice", WATCH),
        ("realtime.app.doctor.run_checks", ("--doctor",)),
        ("realtime.capture.live.list_cameras.find_cameras", ("--list-cameras",)),
    ],
)
def test_an_error_from_within_any_part_of_realtime(
    inside: str,
    call: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for number in SYSTEM:
        monkeypatch.setattr(inside, _raising(number))
        assert realtime.app.cli.main(list(call)) == 1
        line = capsys.readouterr().err
        assert f"here: {os.strerror(number)}. " in line
        assert line.count("\n") == 1


def _raising(number: int) -> Callable[..., None]:
    def fail(*given: object, **named: object) -> None:
        raise OSError(number, os.strerror(number), "here")

    return fail


COMMANDS = {
    "realtime": ("realtime", *WATCH),
    "notice": ("realtime", *WATCH[:-1]),
    "doctor": ("realtime", "--doctor"),
    "personal": ("calibrate", "personal", "--list"),
    "generate": ("calibrate", "generate", "--pb", "fake", "-o", "face.npz"),
}
# Without HOME, as a user that no list knows; other situations change what surrounds the process.
UNKNOWN_USER = """
import pwd
def unknown(number): raise KeyError(f"getpwuid(): uid not found: {number}")
pwd.getpwuid = unknown
"""
GONE_FOLDER = "import os; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')\n"
HOMES = ("realtime", "notice", "personal")
SITUATIONS = {
    "no HOME, unknown user": (UNKNOWN_USER, "", {"HOME": None}, tuple(COMMANDS)),
    "HOME is a file": ("", "", {"HOME": "/dev/null"}, HOMES),
    "HOME is a loop": ("", "", {"HOME": "{}/loop"}, HOMES),
    "HOME is too long": ("", "", {"HOME": "/" + "n" * 300}, HOMES),
    "HOME of somebody else": ("", "", {"HOME": "{}/locked"}, (*HOMES, "doctor")),
    "the folder was removed": (GONE_FOLDER, "", {}, ("realtime", "doctor", "generate")),
    "no streams": ("", "<&- >&- 2>&-", {}, ("realtime", "notice", "doctor")),
    "an unknown TERM": ("", "", {"TERM": "abacus"}, ("realtime",)),
    "no TERM": ("", "", {"TERM": None}, ("realtime",)),
    "a full stdout": ("", ">/dev/full", {}, ("realtime", "doctor", "personal")),
    "a full stderr": ("", "2>/dev/full", {}, ("realtime",)),
    "no place for temporary files": ("", "", {"TMPDIR": "/nowhere"}, ("realtime", "generate")),
}
CASES = [(situation, name) for situation, parts in SITUATIONS.items() for name in parts[3]]
FAILS = {
    ("no HOME, unknown user", "personal"): "no home folder of this user",
    ("HOME of somebody else", "personal"): "Permission denied",
    ("HOME is a loop", "personal"): "symbolic links",
    ("HOME is a file", "personal"): "Not a directory",
    ("HOME is too long", "personal"): "File name too long",
    **{("the folder was removed", name): "the current folder was removed" for name in COMMANDS},
    **{("a full stdout", name): "No space left on device" for name in COMMANDS},
}


@pytest.fixture
def surroundings(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "locked").mkdir(mode=0)
    yield tmp_path
    (tmp_path / "locked").chmod(0o700)


def unprivileged() -> list[str]:
    """Return the start of a command that gives up root's right to read everything."""
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    rights = "-dac_override,-dac_read_search"
    return [setpriv, f"--bounding-set={rights}", f"--inh-caps={rights}"] if setpriv else []


@pytest.mark.skipif(sys.platform != "linux", reason="situations of Linux")
@pytest.mark.parametrize(("situation", "command"), CASES)
def test_any_command_in_any_situation(situation: str, command: str, surroundings: Path) -> None:
    before, redirections, variables, _ = SITUATIONS[situation]
    name, *call = COMMANDS[command]
    module = "realtime.app.cli" if name == "realtime" else "calibrate.cli"
    code = f"{before}import sys; from {module} import main; sys.exit(main(sys.argv[1:]))"
    environment = dict(os.environ)
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        environment.pop(variable, None)
    for variable, value in variables.items():
        environment.pop(variable, None)
        if value is not None:
            environment[variable] = value.format(surroundings)
    shell = f'exec "$0" "$@" {redirections}'
    done = subprocess.run(
        ["bash", "-c", shell, *unprivileged(), sys.executable, "-c", code, *call],
        cwd=surroundings,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        stdin=subprocess.DEVNULL,
    )
    errors = done.stderr.splitlines()
    assert "Traceback" not in done.stderr
    if command == "notice":  # the notice itself goes to stderr
        errors = [line for line in errors if line.startswith("realtime: ")]
    wanted = FAILS.get((situation, command))
    if situation == "HOME of somebody else" and os.geteuid() == 0 and not unprivileged():
        pytest.skip("root reads every folder")
    assert (done.returncode, len(errors)) == ((1, 1) if wanted else (0, 0)), done.stderr
    assert wanted is None or wanted in errors[0]


def test_saved_people_need_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_profile, "data_folder", lambda: None)
    with pytest.raises(SavedPersonError, match=r"no home folder of this user.*Set HOME"):
        saved_profile.people_folder()
