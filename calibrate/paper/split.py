"""Split of the people into training, validation and test: 40, 5 and 5 in the paper (Table 1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from calibrate.data.clips import DataError
from calibrate.data.counting import counted_people

TRAIN, VALIDATION, TEST = "train", "validation", "test"
PEOPLE, HELD_OUT = 50, 5  # in the paper: in all, and in each of validation and test
# Two for training, because the number of trees is chosen on held-out people, and one for each of
# validation and test.
MIN_PEOPLE = 4


@dataclass(frozen=True, slots=True)
class Split:
    """People of each part."""

    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]

    def part(self, subject: str) -> str:
        """Return the part of a person."""
        if subject in self.train:
            return TRAIN
        return VALIDATION if subject in self.validation else TEST

    def summary(self) -> str:
        """Return the split as a line of text, with a note if it differs from the paper's."""
        sizes = (
            f"{len(self.train)} for training, {len(self.validation)} for validation,"
            f" {len(self.test)} for test"
        )
        people = len(self.train) + len(self.validation) + len(self.test)
        if people == PEOPLE:
            return f"{people} people as in the paper: {sizes}"
        return f"{people} people (the paper has {PEOPLE}), split in about the same shares: {sizes}"


def split_people(subjects: Iterable[str], seed: int) -> Split:
    """Split people at random: a tenth, at least one, in each held-out part (40/5/5 of fifty)."""
    names = sorted(set(subjects))
    if len(names) < MIN_PEOPLE:
        raise DataError(f"{counted_people(len(names))} in the data; want {MIN_PEOPLE} or more")
    held_out = max(1, round(len(names) * HELD_OUT / PEOPLE))
    shuffled = [names[i] for i in np.random.default_rng(seed).permutation(len(names))]
    test, validation = shuffled[:held_out], shuffled[held_out : 2 * held_out]
    train = shuffled[2 * held_out :]
    return Split(tuple(sorted(train)), tuple(sorted(validation)), tuple(sorted(test)))
