"""Cross-validation and report, from one run on synthetic people per protocol."""

import csv
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from synthetic import simulate

from calibrate.data.dataset import LIVE, Dataset
from calibrate.evaluation import person_change, report
from calibrate.evaluation.cross_validation import (
    NETWORKS,
    CrossValidation,
    EvaluationConfig,
    cross_validate,
)
from calibrate.learning import fit
from calibrate.learning.fit import LearningConfig
from calibrate.metrics import compute_metrics

FOLDS, KNOWN = 2, (0, 2)
Run = tuple[str, EvaluationConfig, Path, CrossValidation]


@pytest.fixture(scope="module")
def data() -> Dataset:
    """Return clips of six people: each fold trains everything itself."""
    return Dataset.of(
        simulate(6, 8, seed=0, difference=5.0, emotions=("happiness", "surprise")), LIVE
    )


@pytest.fixture(scope="module", autouse=True)
def _few_turns() -> Iterator[None]:
    """Show each person once: test_person_change.py is about those figures."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(person_change, "TURNS", 1)
        yield


def silent(done: str) -> None:
    pass


@pytest.fixture(scope="module", params=("live", "whole"))
def run(
    request: pytest.FixtureRequest,
    data: Dataset,
    hasty: LearningConfig,
    tmp_path_factory: pytest.TempPathFactory,
) -> Run:
    checkpoints = tmp_path_factory.mktemp("folds")
    config = EvaluationConfig(replace(hasty, ensemble_size=1), request.param, KNOWN, 2)
    return (
        request.param,
        config,
        checkpoints,
        cross_validate(data, config, FOLDS, checkpoints, 1, silent),
    )


@pytest.fixture(scope="module")
def written(run: Run, data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    _, config, _, done = run
    out = tmp_path_factory.mktemp("report")
    report.write_report(out, data, report.findings(data, done, config.headline, 0), done)
    return out


def test_every_clip_is_scored_and_no_person_is_in_two_folds(run: Run, data: Dataset) -> None:
    _, _, _, done = run
    for subject in np.unique(data.subjects):
        assert len(set(done.folds.fold_of[data.subjects == subject])) == 1
    for known in KNOWN:
        assert sorted(done.scores[known]) == list(range(len(data)))
        assert np.isfinite(done.clip_scores(data, known)).all()


def test_windows_that_touch_no_edge_have_figures_of_their_own(run: Run, data: Dataset) -> None:
    protocol, _, _, done = run
    cut = replace(done, edge_free=(False, *done.edge_free[1:])) if done.edge_free else done
    found = report._edge_free(data, cut)
    if protocol == "whole":
        assert found == {}
        return
    assert sum(done.edge_free) > len(data) / 2  # the movement is in the middle of these clips
    expected = compute_metrics(cut.scored(data, 2).where(np.array(cut.edge_free))).as_dict()
    assert found["2 clips known"] == expected
    assert expected["clips"] < len(data)


def test_a_second_run_trains_nothing(run: Run, data: Dataset) -> None:
    _, config, checkpoints, done = run
    progress_lines: list[str] = []
    again = cross_validate(data, config, FOLDS, checkpoints, 1, progress_lines.append)
    assert progress_lines == []
    assert again.scores == done.scores
    assert again.whole_clip_scores == done.whole_clip_scores
    assert again.online_scores == done.online_scores
    assert again.pairs == done.pairs
    assert again.any_scores == done.any_scores
    assert again.emotion_mismatches == done.emotion_mismatches


def test_new_scores_of_a_trained_fold_need_no_training(
    run: Run, data: Dataset, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    protocol, config, checkpoints, done = run
    if protocol == "whole":
        pytest.skip("of whole clips only scores are asked")
    shutil.copytree(checkpoints / NETWORKS, tmp_path / NETWORKS)
    monkeypatch.setattr(fit, "train_network", lambda *lesson: pytest.fail("it learned again"))
    again = cross_validate(data, replace(config, known=(1,)), FOLDS, tmp_path, 1, silent)
    assert list(again.scores) == [1]
    assert again.pairs == done.pairs


def test_live_models_also_score_whole_clips(run: Run, data: Dataset) -> None:
    protocol, config, _, done = run
    assert list(done.whole_clip_scores) == ([config.headline] if protocol == "live" else [])
    for by_clip in done.whole_clip_scores.values():
        more = [len(by_clip[i]) > len(done.scores[config.headline][i]) for i in range(len(data))]
        assert all(more)


def test_without_a_given_emotion_the_report_has_rows_of_its_own(
    run: Run, written: Path, data: Dataset
) -> None:
    protocol, config, _, done = run
    metrics = json.loads((written / "metrics.json").read_text())
    if protocol == "whole":
        assert (done.any_scores, metrics["as_any"]) == ({}, {})
        return
    assert sorted(done.any_scores) == [0, config.headline]
    given, not_given = (scores[config.headline] for scores in (done.scores, done.any_scores))
    assert not_given.keys() == given.keys()
    # Of two made-up emotions either is likely: no score is that of the given one alone.
    assert any(not_given[clip] != given[clip] for clip in given)
    expected = compute_metrics(done.scored_as_any(data, config.headline)).as_dict()
    assert metrics["as_any"]["2 clips known"] == expected
    assert "emotion not given, 2 clips known" in "\n".join(report.lines(metrics))


def test_the_calibration_is_that_with_the_emotion_given(run: Run, data: Dataset) -> None:
    _, config, _, done = run
    alike = replace(done, any_scores={2: done.scores[config.headline]})
    same, given = alike.scored_as_any(data, 2), done.scored(data, config.headline)
    np.testing.assert_array_equal(same.p_genuine, given.p_genuine)


def test_live_models_score_online_profiles_and_pairs(
    run: Run, written: Path, data: Dataset
) -> None:
    protocol, _, _, done = run
    metrics = json.loads((written / "metrics.json").read_text())["knowing"]
    if protocol == "whole":
        assert (done.online_scores, done.pairs, metrics["by_seen"], metrics["pairs"]) == (
            {},
            (),
            {},
            {},
        )
        return
    assert {clip for clip, *_ in done.online_scores["running"]} == set(range(len(data)))
    assert list(metrics["by_seen"]) == ["running", "running, without range"]
    assert metrics["pairs"]["pairs"] == len(done.pairs) > 0
    assert (written / "seen.png").stat().st_size > 5000


def test_a_report_names_its_protocol_and_holds_every_figure(
    run: Run, written: Path, data: Dataset
) -> None:
    protocol, _, _, _ = run
    metrics = json.loads((written / "metrics.json").read_text())
    assert (metrics["protocol"], metrics["folds"], metrics["known_clips"]) == (protocol, FOLDS, 2)
    assert set(metrics["by_emotion"]) == set(data.emotions.tolist())
    wanted = {"auc", "auc_low", "auc_high", "balanced_accuracy", "pairs", "ece", "ece_by_chance"}
    rows = [metrics["overall"], *metrics["by_emotion"].values(), *metrics["baselines"].values()]
    for merit in rows:
        assert wanted <= set(merit)
    assert {"metadata only", "first two frames, 2 clips known", "kinematics, 2 clips known"} <= set(
        metrics["baselines"]
    )
    table = "\n".join(report.lines(metrics))
    assert ("same models, whole clips" in table) == (protocol == "live")


def test_scores_are_written_for_every_clip(run: Run, written: Path, data: Dataset) -> None:
    protocol, config, _, done = run
    with (written / "scores.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["clip"] for row in rows] == [track.clip.name for track in data.tracks]
    length_s = [len(shapes) / data.timing.rate_hz for shapes in data.shapes]
    ticks = [len(done.scores[config.headline][i]) for i in range(len(data))]
    judged_s = length_s if protocol == "whole" else [n * data.timing.stride_s for n in ticks]
    assert [float(row["judged_s"]) for row in rows] == pytest.approx(judged_s, abs=0.051)
    assert {row["state"] for row in rows} <= {"judging", "uncertain"}


@pytest.mark.parametrize("name", ["roc", "reliability", "known", "confusion"])
def test_plots_are_written(name: str, written: Path) -> None:
    assert (written / f"{name}.png").stat().st_size > 5000


def test_the_plot_of_evidence_seconds_is_for_windows_only(run: Run, written: Path) -> None:
    assert (written / "seconds.png").exists() == (run[0] == "live")


@pytest.mark.parametrize("scored", [(), (0, 3), (47,)])
def test_clips_without_scores_count_as_undecided(scored: tuple[int, ...], data: Dataset) -> None:
    some = {0: {clip: [1.0, 3.0] for clip in scored}}
    done = CrossValidation(None, some, whole_clip_scores=some)
    wanted = np.where(np.isin(np.arange(len(data)), scored), 2.0, 0.0)
    np.testing.assert_array_equal(done.clip_scores(data, 0), wanted)
    np.testing.assert_array_equal(done.until(data, 0, 1), wanted / 2)
    assert done.scored_whole_clips(data, 0).p_genuine == pytest.approx(1 / (1 + np.exp(-wanted)))


@pytest.mark.parametrize("people", [1, 2, 3])
def test_few_people_give_a_report_without_a_figure_that_is_no_number(
    people: int, data: Dataset, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The last of them shows one label only, which leaves some folds and rows without a figure."""
    chosen = data.subjects.astype(int) <= people
    if people > 1:
        chosen &= data.genuine | (data.subjects.astype(int) < people)
    few = data.subset(np.flatnonzero(chosen))
    rows = {0: {i: [0.1 * i - 1] for i in range(len(few))}}
    running = {"running": [(i, 0, False, [0.1 * i]) for i in range(len(few))]}
    done = CrossValidation(None, rows, online_scores=running)
    found = report.findings(few, done, 0, 0)
    report.write_report(tmp_path, few, found, done)
    table = "\n".join(report.lines(found.metrics))
    assert "nan" not in table + (tmp_path / "metrics.json").read_text().lower()
    assert bool(found.metrics["baselines"]) == (people > 1)
    assert ("(" in table.splitlines()[1]) == (people > 1)
    assert capfd.readouterr() == ("", "")


def test_baselines_of_a_bundle_have_their_own_folds(data: Dataset) -> None:
    """A scored bundle has no folds, and baselines need training people."""
    scores = {
        k: {i: [0.5 if genuine else -0.5] for i, genuine in enumerate(data.genuine)} for k in KNOWN
    }
    done = CrossValidation(None, scores)
    found = report.findings(data, done, 2, 0)
    baselines = found.metrics["baselines"]
    assert isinstance(baselines, dict)
    assert baselines["kinematics, 2 clips known"]["auc"] > 0.6
