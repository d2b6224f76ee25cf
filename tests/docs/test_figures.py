"""Figures of accuracy are written once, and are those of the report in the packaged bundle.

RESULTS.md holds all of them, also old ones, so a figure that is there may still be out of date.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

from engines.bundle.bundle import DEFAULT_BUNDLE

ROOT = Path(__file__).parents[2]
ACCURACY = "docs/explanation/accuracy.md"
WITH_FIGURES = {"docs/RESULTS.md", ACCURACY, "README.md", "CHANGELOG.md"}
OTHERS = sorted(
    name
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    if (name := str(path.relative_to(ROOT))) not in WITH_FIGURES
)
ABOUT_ACCURACY = re.compile(r"AUC|ECE|calibration error|balanced accuracy|pairs|of clips")
SHARE = re.compile(r"(?<![\d.])0\.\d{2,}")
# What accuracy.md says in sentences, and where the report has it; its tables are in test_site.py.
SENTENCES = {
    r"(0\.\d{3}) for a person's first expression": "knowing by_seen running 0 auc",
    r"first expression, (0\.\d{3}) after ten": "knowing by_seen running 10 auc",
    r"picks the genuine one in (0\.\d{3}) of pairs": "knowing pairs right",
    r"the genuine one scores higher in (0\.\d{3}) of pairs": "overall pairs",
    r"best in (0\.\d{3}) of clips": "auto first",
    r"among the best two in (0\.\d{3})": "auto two",
    r"counts? the same: (0\.\d{3}) is one wrong in three": "overall balanced_accuracy",
    r"other clips known, the AUC is (0\.\d{3})": "abstaining auc",
    r"and the balanced accuracy (0\.\d{3})\. So a number": "abstaining balanced_accuracy",
    r"the gauge, ten clips known \| (0\.\d{3})": "overall auc",
    r"the first two frames of the clip alone \| (0\.\d{3})": (
        "baselines/first two frames, 10 clips known/auc"
    ),
    r"the mean of several raters \| (0\.\d{3})": "baselines/human raters' mean, whole clips/auc",
}


@cache
def metrics() -> dict[str, object]:
    manifest = json.loads((DEFAULT_BUNDLE / "bundle.json").read_text(encoding="utf-8"))
    found: dict[str, object] = manifest["metrics"]
    return found


def measured(path: str) -> float:
    """Return the metric at `path`, whose keys are parted by slashes, or by spaces without one."""
    value: object = metrics()
    for key in path.split("/") if "/" in path else path.split():
        assert isinstance(value, dict)
        value = value[key]
    assert isinstance(value, float)
    return value


def repeated(text: str) -> list[str]:
    """Return the figures of accuracy in `text`, paragraph by paragraph."""
    about = (part for part in text.split("\n\n") if ABOUT_ACCURACY.search(part))
    return [figure for part in about for figure in SHARE.findall(part)]


@pytest.mark.parametrize(("sentence", "path"), SENTENCES.items())
def test_a_sentence_on_accuracy_is_that_of_the_bundles_report(sentence: str, path: str) -> None:
    page = " ".join((ROOT / ACCURACY).read_text(encoding="utf-8").split())
    (shown,) = re.findall(sentence, page)
    assert abs(float(shown) - measured(path)) < 0.00051


def test_the_clips_with_an_answer_are_those_of_the_report() -> None:
    page = " ".join((ROOT / ACCURACY).read_text(encoding="utf-8").split())
    found = metrics()["abstaining"]
    assert isinstance(found, dict)
    assert found["share"] == 0.2
    assert f"On the {found['clips']} clips that then have an answer" in page


@pytest.mark.parametrize("name", [ACCURACY, "README.md"])
def test_the_share_of_pairs_in_words_is_that_of_the_report(name: str) -> None:
    page = " ".join((ROOT / name).read_text(encoding="utf-8").split())
    shown = re.findall(r"(\d\d\.\d) (?:% of pairs|of 100 cases)", page)
    assert [float(each) / 100 for each in shown] == [
        pytest.approx(measured("overall pairs"), abs=6e-4)
    ]


@pytest.mark.parametrize("name", OTHERS)
def test_no_other_page_repeats_a_figure(name: str) -> None:
    """A repeated figure is forgotten when the bundle changes; link to accuracy.md instead."""
    assert repeated((ROOT / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "stale",
    [
        "Readings get better ([RESULTS.md](RESULTS.md)): AUC 0.593 for the first expression.",
        "the right emotion in 0.54 of clips, and the right one was among the best two in 0.74",
        "of two pairs (0.675, `calibrate report`)",
        "reach an AUC of 0.706 on our data",
    ],
)
def test_the_figures_that_went_stale_would_be_found(stale: str) -> None:
    assert repeated(stale)
