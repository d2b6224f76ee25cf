from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from synthetic import simulate, with_appearance

from calibrate.cli import main
from calibrate.data.tracks import save_tracks
from engines.bundle.bundle import DEFAULT_BUNDLE, MANIFEST, Bundle
from realtime.runtime.classifier_from_bundle import load_emotion_classifier


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEFAULT_BUNDLE, tmp_path / "bundle"))


def run(bundle: Path, *emotions: str, renamed: dict[str, str] | None = None) -> int:
    """Add the classifier of made-up people who show `emotions`, some under other names."""
    tracks = with_appearance(simulate(4, 6, seed=0, emotions=emotions))
    names = {emotion: emotion for emotion in emotions} | (renamed or {})
    named = [replace(t, clip=replace(t.clip, emotion=names[t.clip.emotion])) for t in tracks]
    save_tracks(bundle.parent / "tracks.npz", named)
    return main(["emotions", str(bundle.parent / "tracks.npz"), "--bundle", str(bundle)])


def test_a_bundle_gets_a_classifier_of_the_emotions_of_the_clips(bundle: Path, capsys) -> None:
    assert run(bundle, "fear", "surprise") == 0
    found = load_emotion_classifier(Bundle.load(bundle))
    assert found is not None
    assert found.emotions == ("fear", "surprise")
    assert "distinguishes fear, surprise" in capsys.readouterr().out


def test_one_emotion_alone_leaves_the_bundle_as_it_is(bundle: Path, capsys) -> None:
    before = (bundle / MANIFEST).read_bytes()
    assert run(bundle, "fear") == 0
    assert (bundle / MANIFEST).read_bytes() == before
    assert "one emotion alone" in capsys.readouterr().out


def test_an_emotion_that_the_bundle_lacks_is_left_out(bundle: Path, capsys) -> None:
    assert run(bundle, "fear", "surprise", "disgust", renamed={"disgust": "boredom"}) == 0
    found = load_emotion_classifier(Bundle.load(bundle))
    assert found is not None
    assert found.emotions == ("fear", "surprise")
    assert "boredom is left out" in capsys.readouterr().err


def test_a_damaged_bundle_is_refused_before_the_work(bundle: Path, capsys) -> None:
    (bundle / MANIFEST).write_text("{}")
    assert run(bundle, "fear", "surprise") != 0
    assert "bundle" in capsys.readouterr().err
