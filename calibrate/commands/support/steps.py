"""Steps of a long command, each done once: a run that was killed goes on at its unfinished step."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from calibrate.parallel import atomic_write
from calibrate.scoring.work_store import key_of


@dataclass(frozen=True, slots=True)
class CommandStep:
    """Work that leaves `outputs`, decided by the steps that it comes `after` and `depends_on`."""

    name: str
    outputs: tuple[Path, ...]
    after: tuple[str, ...]
    depends_on: tuple[object, ...]
    work: Callable[[], None]


def run_steps(steps: Sequence[CommandStep], stamps: Path) -> None:
    """Do `steps` in order, but those whose outputs are there and stand in the file `stamps`.

    A step is done again after a change of what it, or one that it comes after, depends on.
    """
    done, keys = _load(stamps), dict[str, str]()
    for number, step in enumerate(steps, start=1):
        key = key_of(step.name, *(keys[name] for name in step.after), *step.depends_on)
        keys[step.name] = key
        title = f"step {number} of {len(steps)}: {step.name}"
        if done.get(step.name) == key and all(path.exists() for path in step.outputs):
            print(f"{title}, done before", flush=True)
            continue
        print(title, flush=True)
        step.work()
        done[step.name] = key
        with atomic_write(stamps) as unfinished:
            unfinished.write_text(json.dumps(done, indent=1) + "\n")


def _load(stamps: Path) -> dict[str, str]:
    with suppress(OSError, ValueError):
        found = json.loads(stamps.read_text())
        if isinstance(found, dict):
            return found
    return {}
