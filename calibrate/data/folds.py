"""Cross-validation folds grouped by person: no person is in two of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibrate.data.clips import DataError
from calibrate.data.counting import counted_people


@dataclass(frozen=True, slots=True, eq=False)
class Folds:
    """Fold number (n,) of each clip, from 0 to `count` - 1."""

    fold_of: NDArray[np.int64]
    count: int

    @staticmethod
    def by_person(subjects: Sequence[str], count: int, seed: int) -> Folds:
        """Assign clips to `count` folds by `person_folds`."""
        return Folds(person_folds(subjects, count, seed), count)

    def split(self, fold: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the training clips and the held-out clips of `fold`."""
        held_out = self.fold_of == fold
        return np.flatnonzero(~held_out), np.flatnonzero(held_out)

    def splits(self) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Yield training and held-out clips of every fold that holds any clip."""
        return (self.split(int(fold)) for fold in np.unique(self.fold_of))


def check_fold_count(count: int, people: int) -> None:
    """Raise `DataError` if there are fewer `people` than folds."""
    if count > people:
        raise DataError(
            f"{count} folds of {counted_people(people)}; want a person or more in each: fewer folds"
        )


def person_folds(subjects: Sequence[str], count: int, seed: int) -> NDArray[np.int64]:
    """Return a fold number (n,) for each clip: folds of about as many clips, each person in one."""
    names, counts = np.unique(np.array(subjects), return_counts=True)
    order = np.random.default_rng(seed).permutation(len(names))
    order = order[np.argsort(-counts[order], kind="stable")]
    load, fold_of = np.zeros(count, int), {}
    for person in order:
        fold = int(np.argmin(load))
        fold_of[names[person]] = fold
        load[fold] += counts[person]
    return np.array([fold_of[subject] for subject in subjects], np.int64)
