"""`calibrate all` from a manifest of small videos, whose tracks are those of drawn people."""

from __future__ import annotations

import argparse
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from recordings import write_video
from synthetic import simulate

from calibrate import metrics
from calibrate.cli import main
from calibrate.commands import boost, features, learn, report
from calibrate.commands.all import LEARNING
from calibrate.commands.support.arguments import add_training
from calibrate.data import extract
from calibrate.data.clips import Clip
from calibrate.data.tracks import Track
from calibrate.evaluation import baselines, cross_validation, learning_curve, person_change
from calibrate.learning import fit
from calibrate.learning.fit import LearningConfig
from engines.bundle.bundle import Bundle
from realtime.core.errors import FileUnreadable
from realtime.runtime.onsets_from_bundle import load_known_onsets
from realtime.runtime.stages_from_bundle import expression_network, rest_limits

EMOTIONS = ("happiness", "surprise")
STATED = ("--data-name", "Six Friends", "--data-terms", "this test alone")
OPTIONS = ("--folds", "2", "--known", "1", "--halvings", "1", "--jobs", "1")


@pytest.fixture(scope="module")
def tracks() -> dict[str, Track]:
    found = simulate(6, 4, seed=0, difference=5.0, emotions=EMOTIONS)
    return {track.clip.name: track for track in found}


@dataclass
class Corpus:
    """A manifest of videos whose tracks are made up, and the clips that were extracted."""

    manifest: Path
    extracted: list[str] = field(default_factory=list)

    @property
    def out(self) -> Path:
        return self.manifest.parent / "bundle"

    def run(self, *options: str, out: str = "bundle") -> int:
        words = ("--labels", "genuine=felt,fake=posed", "--columns", "label=kind")
        bundle = str(self.manifest.with_name(out))
        return main(["all", str(self.manifest), "-o", bundle, *words, *OPTIONS, *options])


@pytest.fixture(scope="module")
def short_training(hasty: LearningConfig) -> Iterator[None]:
    """Train little, and leave out the part of the report that takes longest."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report, "KNOWN", {"live": (1,)})
        patch.setattr(person_change, "person_change_metrics", lambda data, seed: {})
        patch.setattr(learning_curve, "BOOTSTRAPS", 20)
        patch.setattr(metrics.bootstrap, "__defaults__", (0, 20))
        for settings in (baselines.FOR_ALL_EMOTIONS, baselines.FOR_ONE_EMOTION):
            patch.setitem(settings, "rounds", 5)
        for module in (report, learn):
            patch.setattr(module, "learning_config", lambda options: hasty)
        yield


@pytest.fixture(scope="module")
def corpus(
    tracks: dict[str, Track], short_training: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Corpus]:
    folder = tmp_path_factory.mktemp("corpus")
    rows = ["file,participant,emotion,kind"]
    for number, clip in enumerate(track.clip for track in tracks.values()):
        write_video(folder / f"{clip.name}.avi", number, frames=2)
        kind = {"genuine": "felt", "fake": "posed"}[clip.label]
        rows.append(f"{clip.name}.avi,{clip.subject},{clip.emotion},{kind}")
    rows += ["broken.avi,1,surprise,felt", "who.avi,,surprise,felt"]
    (folder / "broken.avi").write_bytes(b"no video")
    (folder / "list.csv").write_text("\n".join(rows) + "\n")
    made = Corpus(folder / "list.csv")

    def track_of(clip: Clip) -> Track:
        made.extracted.append(clip.name)
        if clip.name == "broken":
            raise FileUnreadable("broken.avi is not a readable video")
        return tracks[clip.name]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extract, "track_clip", track_of)
        yield made


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_manifest_becomes_a_bundle_with_report_and_card(
    corpus: Corpus, capfd: pytest.CaptureFixture[str]
) -> None:
    assert corpus.run(*STATED) == 0
    said = capfd.readouterr()
    assert "unreadable: 1; " in said.out
    assert "note: 1 of 26 clips are left out: 1 without person" in said.err
    assert "skipped broken: broken.avi is not a readable video" in said.err
    made = Bundle.load(corpus.out)
    assert made.emotions == ("any", *EMOTIONS)
    assert load_known_onsets(made) is not None
    assert expression_network(made) is not None
    assert rest_limits(made) is not None
    data = json.loads((corpus.out / "bundle.json").read_text())["data"]
    assert (data["name"], data["terms"], data["people"]) == ("Six Friends", "this test alone", 6)
    pictured = corpus.out.with_name("bundle.report")
    found = json.loads((pictured / "metrics.json").read_text())
    assert set(found["confounds"]) == {
        *("length", "frame rate", "resolution", "brightness", "person", "clip edges")
    }
    assert [point["people"] for point in found["learning_curve"]["points"]] == [2, 3]
    card = (corpus.out / "MODEL_CARD.md").read_text()
    for line in ("label told by one property alone", "learning curve: AUC ", "Six Friends"):
        assert line in card
    assert (pictured / "people.png").exists()


def test_a_finished_run_does_nothing_again(
    corpus: Corpus, capfd: pytest.CaptureFixture[str]
) -> None:
    before, count = contents(corpus.out), len(corpus.extracted)
    assert corpus.run(*STATED) == 0
    assert capfd.readouterr().out.count("done before") == 5
    assert (contents(corpus.out), len(corpus.extracted)) == (before, count)
    shutil.rmtree(corpus.out)
    assert corpus.run(*STATED) == 0
    assert (contents(corpus.out), len(corpus.extracted)) == (before, count)


def test_another_statement_of_the_data_is_one_step(
    corpus: Corpus, capfd: pytest.CaptureFixture[str]
) -> None:
    assert corpus.run("--data-name", "Seven Friends", *STATED[2:]) == 0
    assert capfd.readouterr().out.count("done before") == 4
    assert "Seven Friends" in (corpus.out / "MODEL_CARD.md").read_text()
    assert corpus.run(*STATED) == 0


def test_what_learns_landmarks_alone_has_no_read_out(corpus: Corpus) -> None:
    assert corpus.run(*STATED, "--landmarks-only", out="paper") == 0
    made = Bundle.load(corpus.out.with_name("paper"))
    assert load_known_onsets(made) is not None
    assert expression_network(made) is None


class Stopped(BaseException):
    """The run is killed: nothing may catch this."""


def test_a_run_that_is_killed_at_every_step_gives_the_same_bundle(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """With half of the clips extracted, a fold done, a network learned, and before writing."""
    corpus.extracted.clear()
    for module, name, calls in (
        (extract, "track_clip", 12),
        (cross_validation, "_run_fold", 1),
        (fit, "train_network", 1),
        (learning_curve, "_score_part", 1),
        (features, "out_of_fold_features", 0),
        (boost, "write_bundle", 0),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, stop_after(calls, getattr(module, name)))
            with pytest.raises(Stopped):
                corpus.run(*STATED, out="killed")
        assert not (corpus.out.with_name("killed") / "bundle.json").exists()
    assert corpus.run(*STATED, out="killed") == 0
    assert Counter(corpus.extracted).most_common(2)[1][1] == 1  # but the unreadable one
    killed = corpus.out.with_name("killed")
    assert contents(killed) == contents(corpus.out)
    reports = (killed.with_name("killed.report"), corpus.out.with_name("bundle.report"))
    assert len({(folder / "metrics.json").read_bytes() for folder in reports}) == 1


def stop_after(calls: int, work: Callable[..., object]) -> Callable[..., object]:
    """Return `work` that is stopped after some calls."""
    left = iter(range(calls))

    def stopping(*arguments: object, **named: object) -> object:
        if next(left, None) is None:
            raise Stopped
        return work(*arguments, **named)

    return stopping


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--folds", "7"), 1, "7 folds of 6 people; want a person or more in each: fewer folds"),
        (("--folds", "1"), 2, "--folds of 2 or more"),
        (("--halvings", "-1"), 2, "want --halvings and --known of 0 or more"),
        (("--held-out-folds", "9"), 2, "--held-out-folds is 9, and 3 people to learn from"),
        (("--columns", "x"), 2, "--columns is 'x'"),
        (("--labels", "genuine=felt"), 1, "the label is 'posed'"),
    ],
)
def test_what_cannot_be_done_is_refused_before_any_work(
    options: tuple[str, ...],
    code: int,
    message: str,
    corpus: Corpus,
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert corpus.run(*options, out="refused") == code
    assert message in capfd.readouterr().err.splitlines()[-1]
    assert not corpus.out.with_name("refused.work").exists()


def test_every_option_of_the_training_decides_what_is_learned_again() -> None:
    parser = argparse.ArgumentParser(add_help=False)
    add_training(parser)
    assert {action.dest for action in parser._actions} == set(LEARNING)
