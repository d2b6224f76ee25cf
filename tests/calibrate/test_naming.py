import numpy as np
import pytest

from calibrate import naming
from calibrate.chain import Model
from calibrate.dataset import Dataset
from calibrate.misfits import ask_fits


def test_every_emotion_of_strangers_has_a_misfit_and_most_are_named(
    model: Model, data: Dataset, outside: np.ndarray
) -> None:
    fits = ask_fits(model.learned, data, outside.tolist(), 3)
    assert sorted(fits) == outside.tolist()
    assert all(set(misfits) == {"happiness", "surprise"} for misfits in fits.values())
    found = naming.naming(data, fits)
    assert found["clips"] == len(outside)
    assert float(str(found["first"])) > 0.6
    assert set(part(found, "by_emotion")) == {"happiness", "surprise"}


def test_an_emotion_that_fits_worst_is_named_by_nobody(data: Dataset) -> None:
    worst = {clip: {"happiness": 1.0, "surprise": 1.0, "fear": 0.5, "anger": 0.6} for clip in range(8)}
    assert [naming.naming(data, worst)[share] for share in ("first", "two")] == [0.0, 0.0]
    second = {clip: misfits | {"anger": 1.5} for clip, misfits in worst.items()}
    assert [naming.naming(data, second)[share] for share in ("first", "two")] == [0.0, 1.0]


@pytest.mark.parametrize(("own", "place"), [(0.1, 0), (0.3, 1), (0.9, 2)])
def test_the_rank_counts_those_that_fit_better(own: float, place: int) -> None:
    assert naming.rank("fear", {"fear": own, "anger": 0.2, "disgust": 0.4}) == place


def test_nothing_is_said_where_nothing_was_asked(data: Dataset) -> None:
    assert naming.sentences(naming.naming(data, {})) == []
    said = naming.sentences(naming.naming(data, {0: {str(data.emotions[0]): 0.1, "fear": 0.2}}))
    assert said == [
        "auto: the emotion of 1 clips fits best in 1.000, is one of the best two in 1.000; by chance in 0.500 and 1.000"
    ]


def part(found: dict[str, object], key: str) -> dict[str, object]:
    inside = found[key]
    assert isinstance(inside, dict)
    return inside
