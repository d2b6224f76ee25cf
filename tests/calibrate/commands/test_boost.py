"""`calibrate boost` states the provenance of the data that it got, and checks its inputs first."""

import json
import shlex
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from calibrate.bundle.reader import save_features
from calibrate.cli import main, parser
from calibrate.commands import boost
from calibrate.evaluation.model_card import NOT_STATED, STATED
from calibrate.learning.boosting import LabelledFeatures
from calibrate.metrics import Scored, compute_metrics
from engines.bundle.bundle import DEFAULT_BUNDLE
from realtime.verdict.features import INPUTS

ROOT = Path(__file__).parents[3]
TEXTS = {
    "name": "Ten Friends",
    "source": "https://example.org/friends",
    "terms": "no use beyond this test",
    "recording": "at home, with one camera",
}
NAMES = (np.array(["1", "2"]), np.array(["fear", "fear"]))
FIGURES = compute_metrics(Scored(np.array([0.9, 0.2]), np.array([True, False]), *NAMES)).as_dict()
METRICS = {
    "folds": 5,
    "protocol": "live",
    "known_clips": 10,
    "probability": {"slope": 2.0, "shift": 0.5},
    "abstaining": {"half_width": 0.1, **FIGURES},
    "by_gender": {"F": {"auc": None, "clips": 3}, "M": {"auc": 0.7, "clips": 4}},
    "overall": FIGURES,
    **{key: {} for key in ("by_known", "by_emotion", "baselines")},
}


def made(people: int = 6, each: int = 8) -> LabelledFeatures:
    """Return features of `people` with a difference between the labels, in two emotions."""
    rng, count = np.random.default_rng(0), people * each
    genuine = np.arange(count) % 2 == 0
    inputs = rng.normal(0, 1, (count, len(INPUTS))).astype(np.float32)
    inputs[:, 0] += genuine
    emotion = np.array(["happiness", "surprise"])[np.arange(count) // 2 % 2]
    return LabelledFeatures(
        inputs, genuine, np.repeat(np.arange(people), each).astype(str), emotion
    )


@pytest.fixture
def learned() -> Path:
    """Return the networks of the packaged bundle: a bundle holds what `calibrate learn` writes."""
    return DEFAULT_BUNDLE


@pytest.fixture
def features(tmp_path: Path) -> Path:
    save_features(tmp_path / "features.npz", made())
    return tmp_path / "features.npz"


@pytest.fixture
def no_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the test fail if work begins."""
    monkeypatch.setattr(boost, "fit_booster", lambda *_: pytest.fail("it began to work"))


def run(learned: Path, features: Path, *options: str | Path) -> tuple[int, Path]:
    out = features.parent / "bundle"
    return main(["boost", *map(str, (learned, features, "-o", out, *options))]), out


def stated(**texts: str) -> list[str]:
    return [part for name, text in texts.items() for part in (f"--data-{name}", text)]


def written(out: Path) -> tuple[dict[str, object], str]:
    """Return the data section of the manifest, and the model card."""
    data = json.loads((out / "bundle.json").read_text())["data"]
    return data, (out / "MODEL_CARD.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("given", [(), ("name",), ("name", "terms"), STATED])
def test_what_is_stated_of_the_data_is_in_manifest_and_card_and_nothing_else(
    given: tuple[str, ...], learned: Path, features: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = run(learned, features, *stated(**{name: TEXTS[name] for name in given}))
    assert code == 0
    data, card = written(out)
    assert {name: data[name] for name in STATED} == {
        name: TEXTS[name] if name in given else NOT_STATED for name in STATED
    }
    assert (data["people"], data["emotions"]) == (6, ["happiness", "surprise"])
    assert all((TEXTS[name] in card) == (name in given) for name in STATED)
    assert card.count(NOT_STATED) == len(STATED) - len(given)
    for of_other_data in ("PEDFE", "Padova", "Miolla", "films"):
        assert of_other_data not in card + (out / "bundle.json").read_text()
    missing = ", ".join(f"--data-{name}" for name in STATED if name not in given)
    assert (f"give {missing}\n" in capsys.readouterr().err) == bool(missing)


def test_an_empty_statement_counts_as_none(learned: Path, features: Path) -> None:
    _, out = run(learned, features, *stated(name="  ", terms="two\nlines"))
    data, _ = written(out)
    assert (data["name"], data["terms"]) == (NOT_STATED, "two lines")


def test_the_packaged_bundle_states_its_data_completely() -> None:
    if shutil.which("make") is None:
        pytest.skip("needs make")
    shown = subprocess.run(
        ["make", "-n", "bundle"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    ).stdout.replace("\\\n", "")
    (line,) = (line for line in shown.splitlines() if "calibrate boost" in line)
    options = parser().parse_args(shlex.split(line)[1:])
    statement = boost._statement(options, made())
    assert statement.name.startswith("PEDFE")
    assert statement.notes() == []


def test_a_report_gives_calibration_and_figures(
    learned: Path, features: Path, tmp_path: Path
) -> None:
    (tmp_path / "metrics.json").write_text(json.dumps(METRICS))
    code, out = run(learned, features, "--report", tmp_path)
    assert code == 0
    probability = json.loads((out / "bundle.json").read_text())["emotions"]["any"]["probability"]
    assert probability == {"slope": 2.0, "shift": 0.5, "abstain": 0.1}
    card = written(out)[1]
    assert "- F: AUC undefined on 3 clips\n- M: AUC 0.700 on 4 clips" in card


def test_an_emotion_of_one_label_is_left_out_by_name(
    learned: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    some = made()
    path = tmp_path / "features.npz"
    save_features(path, some.where((some.emotion != "surprise") | some.genuine))
    code, out = run(learned, path)
    assert code == 0
    assert list(json.loads((out / "bundle.json").read_text())["emotions"]) == ["any", "happiness"]
    lines = capfd.readouterr().err.splitlines()
    assert [line for line in lines if "surprise" in line] == [
        "note: surprise is left out: all 12 are genuine; want genuine and fake ones"
    ]
    assert not [line for line in lines if "WARNING" in line or "xgboost" in line]


@pytest.mark.usefixtures("no_fit")
class TestRefusals:
    """Nothing is fitted, and nothing is written."""

    def refused(self, capsys: pytest.CaptureFixture[str], ran: tuple[int, Path]) -> str:
        code, out = ran
        assert code == 1
        assert not (out / "bundle.json").exists()
        error = capsys.readouterr().err.splitlines()
        assert len(error) == 1
        return error[0]

    def test_features_of_one_label(
        self, learned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "features.npz"
        save_features(path, made().where(~made().genuine))
        assert "all 24 features are fake; want genuine and fake ones" in self.refused(
            capsys, run(learned, path)
        )

    @pytest.mark.parametrize("missing", ["learned", "features", "report"])
    def test_a_missing_input(
        self, missing: str, learned: Path, features: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        nowhere = features.parent / "nowhere"
        ran = run(
            nowhere if missing == "learned" else learned,
            nowhere if missing == "features" else features,
            *(("--report", nowhere) if missing == "report" else ()),
        )
        assert str(nowhere) in self.refused(capsys, ran)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"folds": 1}, "scores a bundle, perhaps on the people it was trained on"),
            ({"probability": None}, "is no report: no probability; make one with"),
            (None, "is no report: no abstaining, "),
        ],
    )
    def test_a_report_that_cannot_calibrate(
        self,
        change: dict[str, object] | None,
        message: str,
        learned: Path,
        features: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        report = features.parent / "report"
        report.mkdir()
        metrics = {} if change is None else METRICS | change
        some = {name: value for name, value in metrics.items() if value is not None}
        (report / "metrics.json").write_text(json.dumps(some))
        assert message in self.refused(capsys, run(learned, features, "--report", report))

    @pytest.mark.parametrize("kind", ["uneven", "empty", "text"])
    def test_damaged_features(
        self, kind: str, learned: Path, features: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        whole = made()
        if kind == "text":
            features.write_text("no arrays")
        elif kind == "empty":
            save_features(features, whole.where(np.zeros(len(whole.genuine), bool)))
        else:
            save_features(features, replace(whole, genuine=whole.genuine[1:]))
        assert "is no features file" in self.refused(capsys, run(learned, features))
