from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="pictures need matplotlib, of the extra `calibrate`")

from calibrate.evaluation import plots
from calibrate.learning.train import EpochLosses
from calibrate.metrics import Scored


@pytest.fixture(scope="module")
def scored() -> Scored:
    rng = np.random.default_rng(0)
    genuine = rng.random(120) < 0.5
    p = 1 / (1 + np.exp(-rng.normal(0, 1, 120) - genuine))
    emotion = np.array(["anger", "disgust", "fear", "happiness", "sadness", "surprise"])[
        np.arange(120) % 6
    ]
    return Scored(p, genuine, np.arange(120).astype(str), emotion)


Drawn = Callable[[Path, Scored], None]
PICTURES: dict[str, Drawn] = {
    "roc": plots.roc,
    "reliability": plots.reliability,
    "curve": lambda path, _: plots.curve(
        path, [(0, 0.6, 0.5, 0.7), (10, 0.7, 0.6, 0.8)], "clips known", "AUC"
    ),
    "confusion": lambda path, _: plots.confusion(
        path, {"genuine": (10, 5, 30), "fake": (25, 5, 12)}
    ),
    "learning": lambda path, _: plots.learning(
        path, {"fear": [0.1, 0.05, 0.04], "surprise": [0.2, 0.1, 0.1]}
    ),
    "losses": lambda path, _: plots.losses(
        path, {"any-0": [EpochLosses(0, 0.1, 0.7), EpochLosses(1, 0.05, 0.6)]}
    ),
}


@pytest.mark.parametrize("name", PICTURES)
def test_every_plot_is_written_with_the_same_bytes_each_time(
    name: str, scored: Scored, tmp_path: Path
) -> None:
    for path in (tmp_path / "one.png", tmp_path / "two.png"):
        PICTURES[name](path, scored)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    picture = cv2.imread(str(tmp_path / "one.png"))
    assert min(picture.shape[:2]) > 300
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 20


@pytest.mark.parametrize("digits", [1, 8])
def test_the_roc_equals_scikit_learn_with_ties(digits: int, scored: Scored) -> None:
    from sklearn.metrics import roc_curve

    p = scored.p_genuine.round(digits)
    false, true, _ = roc_curve(scored.genuine, p, drop_intermediate=False)
    found = plots.roc_curve(p, scored.genuine)
    np.testing.assert_allclose(found[0], false, atol=1e-12)
    np.testing.assert_allclose(found[1], true, atol=1e-12)


def test_the_roc_of_a_single_class_ends_in_its_corner() -> None:
    false, true = plots.roc_curve(np.array([0.2, 0.8]), np.array([True, True]))
    assert true.tolist() == [0, 0.5, 1]
    assert false.tolist() == [0, 0, 0]


def test_plots_accept_an_emotion_of_a_single_class(scored: Scored, tmp_path: Path) -> None:
    plots.roc(tmp_path / "roc.png", scored.where((scored.emotion != "fear") | scored.genuine))
    assert (tmp_path / "roc.png").exists()


def test_the_confusion_plot_accepts_a_label_without_clips(tmp_path: Path) -> None:
    with np.errstate(all="raise"):
        plots.confusion(tmp_path / "none.png", {"genuine": (0, 0, 0), "fake": (3, 1, 0)})
    assert (tmp_path / "none.png").exists()
