from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from synthetic import simulate

from calibrate.data.dataset import LIVE, Dataset
from calibrate.data.tracks import NEVER_S, UNDESCRIBED
from calibrate.evaluation import person_change
from calibrate.evaluation.person_change import person_change_metrics, sentences
from realtime.landmarks.appearance import APPEARANCE

PEOPLE, TURNS = 5, 3


@pytest.fixture(scope="module", autouse=True)
def _few_turns() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(person_change, "TURNS", TURNS)
        yield


@pytest.fixture(scope="module")
def data() -> Dataset:
    return Dataset.of(simulate(PEOPLE, 4, seed=0, emotions=("happiness", "surprise")), LIVE)


@pytest.fixture(scope="module")
def found(data: Dataset) -> dict[str, Any]:
    return person_change_metrics(data, 0)


@pytest.mark.parametrize("way", list(person_change.PAUSES_S))
def test_every_change_is_noticed_and_nobody_is_mistaken(found: dict[str, Any], way: str) -> None:
    part = found[way]
    assert part["changes"] == TURNS * PEOPLE
    assert part["noticed"] == 1
    assert part["pauses"] == 3 * TURNS * PEOPLE
    assert part["mistaken"] == 0
    assert 0.2 < part["median_s"] < 1


def test_a_saved_person_is_confirmed_and_another_refused(found: dict[str, Any]) -> None:
    saved = found["saved"]
    assert (saved["own"], saved["others"]) == (TURNS * PEOPLE, TURNS * PEOPLE)
    assert saved["own_refused"] == saved["own_unconfirmed"] == 0
    assert saved["others_accepted"] == saved["others_unrefused"] == 0


def test_people_with_one_face_are_not_told_apart(data: Dataset) -> None:
    rows = data.tracks[0].descriptors
    alike = [
        replace(track, descriptors=rows[np.arange(len(track.described_s)) % len(rows)])
        for track in data.tracks
    ]
    found: dict[str, Any] = person_change_metrics(Dataset.of(alike, LIVE), 0)
    assert [found[way]["noticed"] for way in person_change.PAUSES_S] == [0, 0]
    assert found["saved"]["others_accepted"] == 1


def test_tracks_with_an_appearance_are_shown_too(data: Dataset) -> None:
    rng = np.random.default_rng(0)
    tracks = [
        replace(track, appearance=rng.normal(size=(len(track.times_s), APPEARANCE)).astype("f4"))
        for track in data.tracks
    ]
    found: dict[str, Any] = person_change_metrics(Dataset.of(tracks, LIVE, appearance=True), 0)
    assert found["at a cut"]["noticed"] == 1


def test_without_descriptors_or_others_there_are_no_figures(data: Dataset) -> None:
    bare = [replace(t, described_s=NEVER_S, descriptors=UNDESCRIBED) for t in data.tracks]
    assert person_change_metrics(Dataset.of(bare, LIVE), 0) == {}
    assert person_change_metrics(data.subset(range(3)), 0) == {}
    assert sentences({}) == []


def test_the_shares_become_sentences(found: dict[str, Any]) -> None:
    pause, cut, saved = sentences(found)
    assert pause.startswith("person change after a pause: noticed within 1 s in 100.00% of ")
    assert cut.startswith("person change at a cut: ")
    assert "own saved profile: refused in 0.00%" in saved
