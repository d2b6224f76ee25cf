from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from calibrate.bundle.writer import write_folder
from calibrate.cli import main
from calibrate.data.expression_samples import (
    ACTIONS,
    BLENDSHAPES,
    NAMES,
    ExpressionSamples,
    save_samples,
)
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from realtime.landmarks.expression_features import FEATURES
from realtime.runtime import stages_from_bundle as stages

LEFT_OUT = ("expression", "files", "format")  # of a manifest; the last two are the writer's


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEFAULT_BUNDLE, tmp_path / "bundle"))


def saved(path: Path, people: int) -> Path:
    """Write samples of people whose smiles lie along one direction of the features."""
    rng, n = np.random.default_rng(0), 60 * people
    smile, direction = rng.uniform(0, 1, n), rng.normal(0, 1, FEATURES)
    features = smile[:, None] * direction + rng.normal(0, 0.3, (n, FEATURES))
    teacher = rng.uniform(0, 0.1, (n, BLENDSHAPES)).astype(np.float32)
    teacher[:, [ACTIONS["smile_left"], ACTIONS["smile_right"]]] = smile[:, None]
    person = (np.arange(n) % people).astype(str)
    both = np.stack((features, features), axis=1).astype(np.float16)
    save_samples(path, ExpressionSamples(both, teacher, person, np.full(n, True)))
    return path


def test_a_bundle_gets_a_read_out_its_limits_and_a_section_in_its_card(
    bundle: Path, tmp_path: Path, capsys
) -> None:
    samples = saved(tmp_path / "samples.npz", 6)
    assert main(["expression", str(samples), "--bundle", str(bundle), "--gate"]) == 0
    made = Bundle.load(bundle)
    part = made.manifest.section(stages.EXPRESSION)
    assert part.texts("names") == NAMES
    assert (part.integer("people"), part.integer("frames")) == (6, 360)
    assert part.section("correlation").number("smile_left") > 0.6
    limits = stages.rest_limits(made)
    assert limits is not None
    assert np.isinf(limits.scale[NAMES.index("blink_left")])
    assert stages.create_expression_reader(made) is not None
    assert "| smile left | " in (bundle / "MODEL_CARD.md").read_text()
    assert f"read-out of {len(NAMES)} actions" in capsys.readouterr().out


def test_the_gate_does_not_use_it_unless_asked(bundle: Path, tmp_path: Path) -> None:
    samples = saved(tmp_path / "samples.npz", 6)
    assert main(["expression", str(samples), "--bundle", str(bundle)]) == 0
    made = Bundle.load(bundle)
    assert stages.create_expression_reader(made) is not None
    assert stages.rest_limits(made) is None


def test_too_few_people_are_refused_before_the_work(bundle: Path, tmp_path: Path, capsys) -> None:
    samples = saved(tmp_path / "samples.npz", 3)
    before = (bundle / "bundle.json").read_bytes()
    assert main(["expression", str(samples), "--bundle", str(bundle)]) == 1
    assert "shows 3 people; want 5 or more" in capsys.readouterr().err
    assert (bundle / "bundle.json").read_bytes() == before


def test_the_read_out_of_another_bundle_is_taken_over_whole(bundle: Path, tmp_path: Path) -> None:
    samples = saved(tmp_path / "samples.npz", 6)
    assert main(["expression", str(samples), "--bundle", str(bundle)]) == 0
    assert main(["expression", "--bundle", str(bundle), "--from", str(DEFAULT_BUNDLE)]) == 0
    made, packaged = Bundle.load(bundle), Bundle.load(DEFAULT_BUNDLE)
    key = stages.EXPRESSION
    assert made.manifest.values[key] == packaged.manifest.values[key]
    for layer in (stages.HIDDEN_LAYER, stages.OUTPUT_LAYER):
        assert np.array_equal(made.array(layer), packaged.array(layer))
    mine, theirs = (section_of_card(folder) for folder in (bundle, DEFAULT_BUNDLE))
    assert mine == theirs != ""


def section_of_card(folder: Path) -> str:
    card = (folder / "MODEL_CARD.md").read_text()
    return card.partition("## Expression read-out")[2].split("\n## ")[0].strip()


def test_a_bundle_without_a_read_out_has_none_to_take_over(
    bundle: Path, tmp_path: Path, capsys
) -> None:
    before, old = (bundle / "bundle.json").read_bytes(), Bundle.load(bundle)
    values = {k: v for k, v in old.manifest.values.items() if k not in LEFT_OUT}
    without = tmp_path / "without"
    write_folder(without, values, old.arrays, {})
    assert main(["expression", "--bundle", str(bundle), "--from", str(without)]) == 1
    assert "has no expression read-out; take a bundle that has one" in capsys.readouterr().err
    assert (bundle / "bundle.json").read_bytes() == before


def test_a_read_out_that_is_taken_over_has_its_own_limits_and_data(bundle: Path, capsys) -> None:
    taken = ("--bundle", str(bundle), "--from", str(DEFAULT_BUNDLE))
    for option in (("--gate",), ("--data-name", "Ours")):
        assert main(["expression", *taken, *option]) == 2
        assert "not of --from" in capsys.readouterr().err


@pytest.mark.parametrize("sources", [(), ("samples.npz", "--from", str(DEFAULT_BUNDLE))])
def test_one_source_is_wanted(sources: tuple[str, ...], bundle: Path, capsys) -> None:
    assert main(["expression", *sources, "--bundle", str(bundle)]) == 2
    assert "--from" in capsys.readouterr().err
