"""Every row that can be made fits the schema, and the schema knows every field of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from realtime.core.messages import Contribution, Onset, OnsetRank, State, Verdict
from realtime.core.snapshot import AgePercentiles, FrameCounts, Rates, RunVerdict
from realtime.outputs.schema import load_schema
from realtime.verdict.features import INPUTS
from realtime.view.records.rows import SCHEMA, RunInfo, Summary, run_row, summary_row, verdict_row

jsonschema = pytest.importorskip("jsonschema")

ROOT = Path(__file__).parents[3]
RUN = run_row(RunInfo("1", "clip.mp4", "any", "native", "ab" * 32, 1.6, 0.2, 1, 10.0))
EMPTY = verdict_row(Verdict(0.2, -1, "any", State.NO_SIGNAL, None, "no picture", 0.0))
FULL = Verdict(0.4, 11, "any", State.JUDGING, 0.6, "", 2.5, 0.01, 4.2, (1, 2, 3, 4), 9.8, 0.3)
ONSET = Onset(0.1, 0.4, 1.5, 9.0, 3.25, 0.9, -0.1, 0.0)
WHY = tuple(Contribution(name, -0.3) for name in ("usual", *INPUTS, "trees"))
VERDICTS = [
    EMPTY,
    verdict_row(FULL),
    verdict_row(FULL) | {"at": "2026-01-02T03:04:05.678+01:00"},
    verdict_row(replace(FULL, face=2)),
    verdict_row(replace(FULL, onset=ONSET)),
    verdict_row(replace(FULL, onset=replace(ONSET, mouth_lead_s=None))),
    verdict_row(replace(FULL, onset=ONSET, onset_rank=OnsetRank(0.8, 0.4))),
    verdict_row(replace(FULL, contributions=WHY)),
]
EMOTIONS = {"any": RunVerdict("judging", 0.6, 0.2), "fear": RunVerdict("no_face", None, 0.0)}
FACES = {"poor_view": 3}
SUMMARIES = [
    summary_row(Summary(FrameCounts(3, 2, {"stale": 1}), EMOTIONS, ages, Rates(30.0, 29.0), FACES))
    for ages in (AgePercentiles(1.0, 2.0, 3.0), None)
]

SEVERAL = [
    run_row(RunInfo("1", "clip.mp4", "any", "native", "ab" * 32, 1.6, 0.2, 1, 10.0, faces=2)),
    summary_row(Summary(FrameCounts(), EMOTIONS, None, Rates(), {}, {1: EMOTIONS, 2: EMOTIONS})),
]


@pytest.fixture
def schema() -> dict[str, Any]:
    return load_schema()


@pytest.fixture
def validator(schema: dict[str, Any]) -> Any:
    return jsonschema.Draft202012Validator(schema)


def test_it_is_a_valid_schema_of_this_version(schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$defs"]["run"]["properties"]["schema"]["const"] == SCHEMA
    assert schema["$defs"]["state"]["enum"] == [state.value for state in State]


@pytest.mark.parametrize("row", [RUN, *VERDICTS, *SUMMARIES, *SEVERAL])
def test_every_row_fits_and_has_no_unknown_field(
    row: dict[str, Any], validator: Any, schema: dict[str, Any]
) -> None:
    validator.validate(json.loads(json.dumps(row)))
    assert set(row) <= set(schema["$defs"][row["type"]]["properties"])


def test_the_golden_record_fits(validator: Any) -> None:
    for line in (ROOT / "tests/golden/record.jsonl").read_text().splitlines():
        validator.validate(json.loads(line))


@pytest.mark.parametrize(
    ("row", "change"),
    [
        (RUN, {"schema": 2}),
        (RUN, {"bundle_sha256": "ab"}),
        (EMPTY, {"p_genuine": 0.5}),
        (EMPTY, {"state": "lying"}),
        (EMPTY, {"age_ms": -1.0}),
        (EMPTY, {"box_px": [1, 2, 3]}),
        (EMPTY, {"type": "note"}),
        (VERDICTS[1], {"p_genuine": None}),
        (VERDICTS[1], {"p_genuine": 1.5}),
        (SUMMARIES[0], {"frames": {"captured": 1}}),
        (VERDICTS[3], {"face": 0}),
        (VERDICTS[4], {"onset": {"symmetry": 1.5}}),
        (VERDICTS[4], {"onset": 0.4}),
        (VERDICTS[4], {"onset": {"faster_than": {"genuine": 0.4}}}),
        (SEVERAL[0], {"faces": 1}),
        (SEVERAL[1], {"faces": [{"face": 1}]}),
        (SUMMARIES[0], {"faces_not_described": {"poor_view": -1}}),
        (SUMMARIES[0], {"face_searches_unused": {"outdated": -1}}),
    ],
)
def test_a_wrong_row_does_not_fit(
    row: dict[str, Any], change: dict[str, Any], validator: Any
) -> None:
    assert not validator.is_valid(row | change)


def test_a_missing_field_does_not_fit_and_a_new_one_does(validator: Any) -> None:
    assert not validator.is_valid({name: EMPTY[name] for name in EMPTY if name != "age_ms"})
    assert validator.is_valid(EMPTY | {"new": 1})


def test_the_document_names_every_field(schema: dict[str, Any]) -> None:
    text = (ROOT / "docs" / "RECORDS.md").read_text()
    documented = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    for kind in ("run", "verdict", "summary"):
        assert set(schema["$defs"][kind]["properties"]) - {"type"} <= documented
