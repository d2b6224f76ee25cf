"""`calibrate paper` from the command line, on a synthetic data set in the SASE-FE layout."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from calibrate.cli import main
from calibrate.paper import stages
from calibrate.paper.protocol import PaperProtocol
from calibrate.paper.run import run_protocol
from calibrate.paper.training_config import PaperTrainingConfig
from engines.model.shape import PRESETS

SMALL = ("--preset=live", "--epochs=2", "--batch=8", "--passes=2", "--test-passes=3", "--steps=2")
PROTOCOL = PaperProtocol(
    PaperTrainingConfig(PRESETS["live"], epochs=2, batch=8), passes=2, test_passes=3, steps=2
)
PICTURES = ("roc.png", "losses.png")


def paper(data: Path, out: Path, *more: str) -> int:
    return main(["paper", "--data", str(data), "-o", str(out), *SMALL, *more])


@pytest.fixture(scope="module")
def out(sase: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out") / "report"
    assert paper(sase, folder, "--jobs", "1") == 0
    return folder


def results(out: Path) -> dict[str, bytes]:
    """Return every file of a report except intermediate work."""
    files = [
        path
        for path in out.rglob("*")
        if path.is_file() and "work" not in path.relative_to(out).parts
    ]
    return {str(path.relative_to(out)): path.read_bytes() for path in files}


def metrics(out: Path) -> dict[str, dict[str, dict[str, object]]]:
    found: dict[str, dict[str, dict[str, object]]] = json.loads((out / "metrics.json").read_text())
    return found


def test_the_run_writes_metrics_scores_networks_and_plots(out: Path) -> None:
    networks = {f"networks/{emotion}.safetensors" for emotion in ("happiness", "surprise")}
    assert set(results(out)) == {"metrics.json", "scores.csv", *PICTURES, *networks}
    found = metrics(out)
    assert found["validation"]["overall"]["clips"] == found["test"]["overall"]["clips"] == 4
    assert found["test"]["overall"]["pairs_asked"] == 2
    assert set(found["test"]["by_emotion"]) == {"happiness", "surprise"}
    assert found["published"]["test"]["HCILab (the paper)"] == 66.7


def test_scores_are_of_held_out_people(out: Path) -> None:
    with (out / "scores.csv").open() as file:
        rows = list(csv.DictReader(file))
    split = metrics(out)["split"]
    assert [len(split[part]) for part in ("train", "validation", "test")] == [4, 1, 1]
    assert len(rows) == 8
    for row in rows:
        assert row["subject"] in split[row["split"]]
        assert row["subject"] not in split["train"]
        assert 0 < float(row["p_genuine"]) < 1
        assert row["passes"] == "3"
    assert len({row["p_genuine"] for row in rows}) > 4


def test_each_network_learns_and_stores_two_prototypes(out: Path) -> None:
    for emotion in ("happiness", "surprise"):
        network = metrics(out)["networks"][emotion]
        assert network["sequences"] == 16  # four people, genuine and fake, in two passes
        assert network["last_loss"] < network["first_loss"]
        arrays = load_file(out / "networks" / f"{emotion}.safetensors")
        genuine, fake = arrays["prototype/genuine"], arrays["prototype/fake"]
        assert genuine.shape == fake.shape == (64,)
        assert float(np.linalg.norm(genuine - fake)) == pytest.approx(
            network["prototypes_apart"], rel=1e-5
        )
        assert network["prototypes_apart"] > 0


def test_finished_work_is_not_repeated(
    sase: Path, out: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def repeat(task: object) -> None:
        raise AssertionError(f"repeated: {task}")

    for stage in ("_crop", "_train_epoch", "_recognise"):
        monkeypatch.setattr(stages, stage, repeat)
    before = results(out)
    assert paper(sase, out, "--jobs", "1") == 0
    assert results(out) == before
    output = capsys.readouterr()
    assert "6 people (the paper has 50)" in output.err
    assert "66.7" in output.out
    assert "this run, 2 pairs" in output.out


def test_an_interrupted_run_continues_with_the_same_bytes_on_several_workers(
    sase: Path, out: Path, tmp_path: Path
) -> None:
    """The interruption comes during training, after the first epoch of a network."""

    @contextmanager
    def interrupting(stage: str) -> Iterator[Callable[[int], None]]:
        def step(every: int) -> None:
            if stage == "epochs":
                raise KeyboardInterrupt

        yield step

    with pytest.raises(KeyboardInterrupt):
        run_protocol(sase, tmp_path, PROTOCOL, 1, interrupting, lambda line: None)
    assert len(list((tmp_path / "work" / "networks").iterdir())) == 1
    assert paper(sase, tmp_path, "--jobs", "2") == 0
    assert results(tmp_path) == results(out)


def test_another_seed_changes_split_and_crops(sase: Path) -> None:
    from calibrate.data.clips import find_clips
    from calibrate.paper.crops import jittered_crops
    from calibrate.paper.split import split_people

    clips = find_clips(sase)
    one, other = (split_people((clip.subject for clip in clips), seed) for seed in (0, 1))
    assert one != other
    assert not np.array_equal(
        jittered_crops(clips[0].name, 3, 0), jittered_crops(clips[0].name, 3, 1)
    )


def test_unusable_clips_are_skipped_and_listed(
    sase: Path, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "sase"
    shutil.copytree(sase, data)
    (learner,) = metrics(out)["split"]["train"][:1]
    (data / learner / "N2H.mp4").write_bytes(b"no video" * 40)
    # All other clips are read already.
    shutil.copytree(out / "work" / "motion", tmp_path / "report" / "work" / "motion")
    assert paper(data, tmp_path / "report", "--jobs", "1") == 0
    assert f"skipped {learner}_N2H: " in capsys.readouterr().err
    assert "not a readable video" in metrics(tmp_path / "report")["left_out"][f"{learner}_N2H"]
    assert metrics(tmp_path / "report")["networks"]["happiness"]["sequences"] == 14


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        (("--jobs", "0"), 2, "--jobs is 0; want 1 or more"),
        (("--epochs", "0"), 2, "epochs is 0; want more than 0"),
        (("--passes", "0"), 2, "passes is 0; want 1 or more"),
        (("--hz", "1000"), 2, "hz is 1000; want 1 to 120"),
        (("--seed", "-1"), 2, "seed is -1; want 0 or more"),
    ],
)
def test_a_wrong_option_is_one_line(
    more: tuple[str, ...],
    code: int,
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert paper(tmp_path, tmp_path / "out", *more) == code
    output = capsys.readouterr().err
    assert message in output
    assert output.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_bad_data_is_one_line(
    sase: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert paper(tmp_path / "nowhere", tmp_path / "out") == 1
    assert "no folder" in capsys.readouterr().err
    for person in ("01", "02"):
        shutil.copytree(sase / person, tmp_path / "few" / person)
    assert paper(tmp_path / "few", tmp_path / "out") == 1
    output = capsys.readouterr().err
    assert "2 people in the data; want 4 or more" in output
    assert output.count("\n") == 1
