from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from calibrate.bundle.expression_part import add_expression, with_section
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from engines.bundle.checksums import CHECKSUM_FILE
from realtime.landmarks.expression_features import FEATURES
from realtime.landmarks.expression_reader import ExpressionNetwork
from realtime.runtime import stages_from_bundle as stages

SECTION = "## Expression read-out\nIt reads {}.\n"


def network(name: str) -> ExpressionNetwork:
    rng = np.random.default_rng(len(name))
    hidden = rng.normal(size=(2, FEATURES + 1)).astype(np.float32)
    return ExpressionNetwork((name,), hidden, np.ones((1, 3), np.float32))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEFAULT_BUNDLE, tmp_path / "bundle"))


def test_the_read_out_is_added_and_all_else_stays(folder: Path) -> None:
    before = Bundle.load(folder)
    add_expression(folder, network("smile"), {"people": 3}, SECTION.format("smiles"))
    after = Bundle.load(folder)
    part = after.manifest.section(stages.EXPRESSION)
    assert (part.texts("names"), part.integer("people")) == (("smile",), 3)
    np.testing.assert_array_equal(after.array(stages.HIDDEN_LAYER), network("smile").hidden)
    own = {"files", stages.EXPRESSION}
    old, new = (
        {k: v for k, v in b.manifest.values.items() if k not in own} for b in (before, after)
    )
    assert json.dumps(old) == json.dumps(new)
    arrays = {stages.HIDDEN_LAYER, stages.OUTPUT_LAYER}
    assert {*after.arrays} - arrays == {*before.arrays} - arrays
    for key in {*before.arrays} - arrays:
        np.testing.assert_array_equal(after.array(key), before.array(key))
    assert (folder / CHECKSUM_FILE).exists()


def test_the_stage_reads_it_back_and_a_second_replaces_it(folder: Path) -> None:
    card = (folder / "MODEL_CARD.md").read_text()
    before = with_section(card, SECTION).removesuffix(SECTION)
    for name in ("smile", "squint"):
        add_expression(folder, network(name), {}, SECTION.format(name))
    reader = stages.create_expression_reader(Bundle.load(folder))
    assert reader is not None
    gray = np.random.default_rng(0).integers(0, 255, (90, 90), np.uint8)
    points = np.random.default_rng(1).uniform(20, 70, (68, 2)).astype(np.float32)
    expression, appearance = reader.read(gray, points)
    assert expression is not None
    assert expression.names == ("squint",)
    assert appearance is not None  # the networks of the packaged bundle see it
    card = (folder / "MODEL_CARD.md").read_text()
    assert card.count("## Expression read-out") == 1
    assert card == before + SECTION.format("squint")


def test_a_section_is_replaced_in_place_of_the_old_one() -> None:
    card = "# Card\n\nText.\n\n## One\nFirst.\n\n## Two\nSecond.\n"
    assert (
        with_section(card, "## One\nNew.\n")
        == "# Card\n\nText.\n\n## Two\nSecond.\n\n## One\nNew.\n"
    )
    assert with_section(with_section(card, "## Three\nX.\n"), "## Three\nX.\n").count("Three") == 1
