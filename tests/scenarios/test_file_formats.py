"""Bytes on disk stay as they are: the packaged bundle, a record and a saved person, key by key.

The sha256 of a bundle binds saved people and caches to it, and records are read by other programs,
so renaming a field in the code must not rename a key in a file.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from calibrate.bundle.reader import load_networks
from calibrate.bundle.writer import write_networks
from engines.bundle.bundle import DEFAULT_BUNDLE
from realtime.core.messages import Expression, Onset, State, Verdict
from realtime.core.snapshot import AgePercentiles, FrameCounts, Rates, RunVerdict
from realtime.person import saved_profile
from realtime.person.known_face import KnownFace
from realtime.person.saved_profile import SavedPerson
from realtime.person.stats import PersonStats
from realtime.view.records.records import Record, open_record
from realtime.view.records.rows import RunInfo, Summary

LEARNED_BY_EVERY_BUNDLE = ("plan", "motion", "population", "basis", "recognition", "gate")
LEARNED_BY_EVERY_BUNDLE += ("networks", "read_outs", "prototypes", "format")

RUN = RunInfo("0.2", "clip.mp4", "surprise", "native", "ab" * 32, 1.6, 0.2, 1, 10.0)
VERDICTS = (
    Verdict(0.2, 5, "surprise", State.NEUTRAL, None, "no expression", 1.25),
    Verdict(
        0.4, 11, "surprise", State.JUDGING, 0.61237, "", 2.5, 0.0123456, 4.2, (1, 2, 30, 40), 9.876,
        0.31415, (0.25, 1.75), 1.2341,
        onset=Onset(0.1234, 0.3581, 1.2341, 6.25, 3.4178, 0.9124, -0.0512, 0.0333),
        expression=Expression(("smile_left", "squint_left"), np.array([0.617, 0.0], np.float32)),
    ),
)  # fmt: skip
SUMMARY = Summary(
    FrameCounts(12, 11, {"stale": 1}),
    {"surprise": RunVerdict("judging", 0.61237, 0.2)},
    AgePercentiles(1.0, 2.0, 3.0),
    Rates(30.0, 29.5),
    {"poor_view": 3},
    searches_unused={"outdated": 1},
)
ADDED_ARRAYS = ("expression/hidden", "expression/output", "emotion_classifier/weights")
GOLDEN = Path(__file__).parents[1] / "golden"


def test_a_learned_folder_holds_the_packaged_manifest_and_arrays(tmp_path: Path) -> None:
    learned, timing, gate = load_networks(DEFAULT_BUNDLE)
    write_networks(tmp_path, learned, timing, gate)
    packaged, written = (
        json.loads((folder / "bundle.json").read_text()) for folder in (DEFAULT_BUNDLE, tmp_path)
    )
    for section in LEARNED_BY_EVERY_BUNDLE:
        assert json.dumps(written[section], sort_keys=True) == json.dumps(
            packaged[section], sort_keys=True
        ), section
    new, old = (
        {
            name: array
            for name, array in load_file(folder / "arrays.safetensors").items()
            if name not in ADDED_ARRAYS
        }
        for folder in (tmp_path, DEFAULT_BUNDLE)
    )
    assert list(new) == list(old)
    for name, array in old.items():
        np.testing.assert_array_equal(new[name], array, strict=True)


@pytest.mark.parametrize("suffix", [".jsonl", ".csv"])
def test_a_record_is_the_golden_one(suffix: str, tmp_path: Path) -> None:
    out = tmp_path / f"record{suffix}"
    record = Record(open_record(out), RUN)
    for verdict in VERDICTS:
        record.verdict(verdict)
    record.end(SUMMARY)
    record.close()
    assert out.read_bytes() == (GOLDEN / f"record{suffix}").read_bytes()


def test_a_saved_person_is_the_golden_one() -> None:
    golden = (GOLDEN / "saved_person.json").read_bytes()
    neutral, square = np.linspace(-1, 1, 80), np.linspace(0.001, 0.1, 80)
    stats = PersonStats(3.0, neutral.astype(np.float32), square.astype(np.float32), 2.0)
    face = KnownFace(np.linspace(-0.2, 0.2, 128).astype(np.float32), 12)
    person = SavedPerson(stats, "ab" * 32, 0.5, 4.0, (0.1, -0.2), 7, face)
    path = saved_profile.save("ann", person)
    assert path.read_bytes() == golden
    assert saved_profile.save("bob", saved_profile.load("ann")).read_bytes() == golden


def test_a_saved_person_of_format_2_is_read_without_a_face(tmp_path: Path) -> None:
    path = tmp_path / "ann.json"
    path.write_bytes((GOLDEN / "saved_person_format_2.json").read_bytes())
    person = saved_profile.load_file(path)
    assert person.face is None
    assert (person.stats.clips, person.bias, person.personal_offset) == (3.0, 0.5, (0.1, -0.2))
