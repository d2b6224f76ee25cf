import numpy as np
import pytest

from calibrate.data.folds import Folds, person_folds


@pytest.mark.parametrize("folds", [2, 5])
def test_no_person_is_in_two_folds_and_folds_have_equal_sizes(folds: int) -> None:
    rng = np.random.default_rng(0)
    subjects = rng.permutation(
        np.repeat([f"p{i}" for i in range(42)], rng.integers(5, 40, 42))
    ).tolist()
    fold_of = person_folds(subjects, folds, seed=0)
    for person in set(subjects):
        assert len({int(f) for f, s in zip(fold_of, subjects, strict=True) if s == person}) == 1
    counts = np.bincount(fold_of, minlength=folds)
    assert counts.min() > 0.9 * counts.max()
    np.testing.assert_array_equal(fold_of, person_folds(subjects, folds, seed=0))
    assert (fold_of != person_folds(subjects, folds, seed=1)).any()


def test_splits_cover_every_clip_once() -> None:
    subjects = [name for name in "abcdef" for _ in range(3)]
    folds = Folds.by_person(subjects, 3, seed=0)
    held_out = [clips for _, clips in folds.splits()]
    assert len(held_out) == folds.count == 3
    assert sorted(np.concatenate(held_out).tolist()) == list(range(18))
    for fold, (training, clips) in enumerate(folds.splits()):
        assert sorted([*training, *clips]) == list(range(18))
        assert set(folds.fold_of[clips].tolist()) == {fold}
