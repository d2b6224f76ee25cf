from dataclasses import replace
from pathlib import Path

import pytest

from calibrate.data.clips import Clip
from calibrate.paper.protocol import ArtifactPaths, PaperProtocol
from calibrate.paper.split import Split
from calibrate.paper.training_config import PaperTrainingConfig
from engines.model.shape import PRESETS
from realtime.core.labels import GENUINE

PAPER = PaperProtocol(PaperTrainingConfig(PRESETS["paper"]))
SPLIT = Split(("1", "2"), ("3",), ("4",))


def clip(subject: str, path: Path = Path("N2S.mp4")) -> Clip:
    return Clip(f"{subject}_N2S", path, subject, "sadness", GENUINE)


def test_the_defaults_are_the_papers() -> None:
    assert (PAPER.passes, PAPER.test_passes, PAPER.hz) == (10, 20, None)


def test_held_out_people_get_the_test_passes() -> None:
    passes = {part: PAPER.passes_of(part) for part in ("train", "validation", "test")}
    assert passes == {"train": 10, "validation": 20, "test": 20}


@pytest.mark.parametrize(
    "wrong", [{"passes": 0}, {"test_passes": -1}, {"steps": 0}, {"hz": 0.5}, {"hz": 500.0}]
)
def test_invalid_numbers_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        replace(PAPER, **wrong)


@pytest.mark.parametrize("other", [{"passes": 3}, {"hz": 15.0}, {"seed": 1}])
def test_changed_inputs_change_the_path_of_the_passes(
    other: dict[str, float], tmp_path: Path
) -> None:
    here, there = ArtifactPaths(tmp_path, PAPER), ArtifactPaths(tmp_path, replace(PAPER, **other))
    assert here.motion(clip("1"), SPLIT) == ArtifactPaths(tmp_path, PAPER).motion(clip("1"), SPLIT)
    assert here.motion(clip("1"), SPLIT) != there.motion(clip("1"), SPLIT)


def test_a_changed_video_changes_the_path(tmp_path: Path) -> None:
    video, paths = tmp_path / "N2S.mp4", ArtifactPaths(tmp_path / "work", PAPER)
    video.write_bytes(b"short")
    before = paths.motion(clip("1", video), SPLIT)
    video.write_bytes(b"longer")
    assert paths.motion(clip("1", video), SPLIT) != before


def test_a_network_belongs_to_its_recipe_its_seed_and_what_it_learned_from(tmp_path: Path) -> None:
    paths, files = ArtifactPaths(tmp_path, PAPER), (Path("a.npy"), Path("b.npy"))
    shorter = ArtifactPaths(tmp_path, replace(PAPER, training=replace(PAPER.training, epochs=3)))
    places = {
        paths.network("anger", files, 0),
        paths.network("anger", files, 1),
        paths.network("anger", files[:1], 0),
        shorter.network("anger", files, 0),
    }
    assert len(places) == 4
    assert paths.network("anger", files, 0) in places


def test_pbs_belong_to_their_network_and_steps(tmp_path: Path) -> None:
    paths, more = ArtifactPaths(tmp_path, PAPER), ArtifactPaths(tmp_path, replace(PAPER, steps=20))
    asked = (clip("1"), Path("a.npy"))
    assert (
        len(
            {
                paths.pbs(*asked, Path("n")),
                paths.pbs(*asked, Path("m")),
                more.pbs(*asked, Path("n")),
            }
        )
        == 3
    )
