"""Run mutations in a subprocess: `python tests/support/fuzz.py KIND FIRST COUNT FOLDER`.

Prints each mutation's number before trying it and its result afterwards, so that the last number
printed is the one that crashed or hung. A mutation is survived if all it causes is an error that a
user can read. FOLDER holds the seeds; the same number always gives the same mutation.
"""

from __future__ import annotations

import hashlib
import json
import random
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from engines.bundle.bundle import DEFAULT_BUNDLE, MANIFEST, Bundle
from engines.errors import GaugeError

HANG_S = 120
MEMORY = 6 << 30  # of address space; most of it is what libraries map and never touch
FRAMES = 200
BOOSTER = Path(__file__).parent / "booster.ubj"  # as XGBoost writes it after no round at all


def mutated(raw: bytes, rng: random.Random) -> bytes:
    """Return `raw` with bits flipped or bytes overwritten, removed, doubled, zeroed or cut."""
    data = bytearray(raw)
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        at, length = rng.randrange(len(data)), rng.randrange(1, 64)
        match rng.randrange(7):
            case 0:
                data[at] ^= 1 << rng.randrange(8)
            case 1:
                data[at : at + length] = rng.randbytes(length)
            case 2 if len(data) > 200:
                del data[at : at + length]
            case 3:
                data[at:at] = data[at : at + length]
            case 4:
                data[at : at + length] = bytes(length)
            case 5:
                data[at : at + 4] = rng.choice(
                    (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\x80\0\0\0")
                )
            case _ if rng.random() < 0.1 and len(data) > 200:
                del data[at:]
                data = data or bytearray(raw[:1])
    return bytes(data) or b"\0"


def watch_file(path: Path) -> None:
    """What the gauge and its views do with a file, up to the landmarks."""
    from realtime.capture.video_file import VideoFile
    from realtime.core.clock import SystemClock

    with VideoFile(path, False, SystemClock()) as source:
        for _ in range(FRAMES):
            frame = source.read()
            if frame is None:
                break
            if frame.gray.shape != frame.image.shape[:2] or frame.gray.shape != frame.size_px[::-1]:
                raise AssertionError(f"{frame}: gray {frame.gray.shape}, {frame.image.shape}")


def media(rng: random.Random, seeds: Path, work: Path) -> None:
    seed = rng.choice(sorted(seeds.iterdir()))
    path = work / f"mutated{seed.suffix}"
    path.write_bytes(mutated(seed.read_bytes(), rng))
    watch_file(path)


def use(folder: Path, trees: str = "") -> None:
    """Load everything that the gauge takes from a bundle, with the trees in the file `trees`."""
    from engines.model.weights import check_network
    from realtime.runtime import stages_from_bundle as stages
    from realtime.runtime.scores_from_bundle import linear_score, score_model

    bundle = Bundle.load(folder)
    (
        stages.window_timing(bundle),
        stages.population(bundle),
        stages.movement_basis(bundle),
        stages.recognition_config(bundle),
        stages.create_gate(bundle),
    )
    for name in bundle.networks:
        check_network(bundle.network(name))
    for emotion in bundle.emotions:
        part = bundle.manifest.section("emotions").section(emotion)
        reads, start = (
            stages.read_outs(bundle, part.texts("networks"), emotion),
            linear_score(part),
        )
        stages.platt_scaling(part)
        if "booster" not in part or part.text("booster") == trees:
            score_model(bundle, part).score(start.weights * 0 + len(reads))


def bundle(rng: random.Random, seeds: Path, work: Path) -> None:
    """A changed byte anywhere must be refused: not to be is a failure of its own."""
    folder = fresh(work)
    victim = folder / rng.choice([path.name for path in sorted(folder.iterdir())])
    raw = victim.read_bytes()
    changed = mutated(raw, rng)
    victim.write_bytes(changed)
    try:
        use(folder)
    except GaugeError as refused:
        if victim.name not in str(refused):
            raise AssertionError(f"{victim.name} changed, and refused is: {refused}") from None
        raise
    if changed != raw:
        raise AssertionError(f"{victim.name} changed and was taken")


def manifest(rng: random.Random, seeds: Path, work: Path) -> None:
    """A manifest in which anything stands anywhere, made by someone who knows how to seal it."""
    folder = fresh(work)
    values = json.loads((folder / MANIFEST).read_text())
    for _ in range(rng.choice((1, 2, 5))):
        disturb(values, rng)
    (folder / MANIFEST).write_text(json.dumps(values))
    (folder / "bundle.sha256").unlink(missing_ok=True)
    use(folder)


def model(rng: random.Random, seeds: Path, work: Path) -> None:
    """Load changed trees and weights whose manifest has matching checksums."""
    folder = fresh(work)
    values = json.loads((folder / MANIFEST).read_text())
    for emotion, part in values["emotions"].items():  # the packaged bundle holds none
        part["booster"] = f"booster-{emotion}.ubj"
        shutil.copy(BOOSTER, folder / part["booster"])
        values["files"][part["booster"]] = listed(BOOSTER.read_bytes())
    victim = folder / rng.choice(sorted(values["files"]))
    raw = victim.read_bytes()
    changed = mutated(raw[:4096], rng) + raw[4096:] if rng.random() < 0.7 else mutated(raw, rng)
    victim.write_bytes(changed)
    values["files"][victim.name] = listed(changed)
    (folder / MANIFEST).write_text(json.dumps(values))
    (folder / "bundle.sha256").unlink(missing_ok=True)
    use(folder, victim.name)


def disturb(values: object, rng: random.Random) -> None:
    """Put something else at a random place of a JSON tree."""
    while True:
        keys = list(values) if isinstance(values, dict) else list(range(len(values)))  # type: ignore[arg-type, call-overload]
        if not keys:
            return
        key = rng.choice(keys)
        inner = values[key]  # type: ignore[index]
        if isinstance(inner, (dict, list)) and inner and rng.random() < 0.8:
            values = inner
            continue
        numbers = [-1, 0, 10**30, 1e308, float("nan"), float("inf")]
        values[key] = rng.choice([None, True, *numbers, "", "../x", "\0", "x" * 9999, [], {}, [[]]])  # type: ignore[index]
        return


def listed(raw: bytes) -> dict[str, int | str]:
    """A file as the manifest names it."""
    return {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}


def fresh(work: Path) -> Path:
    folder = work / "bundle"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(DEFAULT_BUNDLE, folder)
    return folder


KINDS: dict[str, Callable[[random.Random, Path, Path], None]] = {
    "media": media,
    "bundle": bundle,
    "manifest": manifest,
    "model": model,
}


def main(kind: str, first: int, count: int, seeds: Path) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with tempfile.TemporaryDirectory() as work:
        for number in range(first, first + count):
            print(number, end=" ", flush=True)
            signal.alarm(
                HANG_S
            )  # not caught: a hang in native code ends the process, and the number tells which
            try:
                KINDS[kind](random.Random(number), seeds, Path(work))
            except GaugeError as error:
                print(f"refused {type(error).__name__}", flush=True)
            else:
                print("taken", flush=True)
    # Not `ru_maxrss`: on Linux that starts from the memory of the parent process.
    peak = next(
        line
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("VmHWM")
    )
    print(f"peak {int(peak.split()[1]) // 1024} MB")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
