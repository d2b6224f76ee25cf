"""Who is learned from, who validates and who tests: 40, 5 and 5 people in the paper (Table 1), never one in two."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from calibrate.data.clips import DataError

TRAIN, VALIDATION, TEST = "train", "validation", "test"
PEOPLE, HELD_OUT = 50, 5  # of the paper: in all, and in each of validation and test
FEWEST = 4  # two to learn from, for boosters are told by people held out, and one each to validate and to test


@dataclass(frozen=True, slots=True)
class Split:
    """People by their part."""

    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]

    def part(self, subject: str) -> str:
        """The part that a person is in."""
        return (
            TRAIN if subject in self.train else VALIDATION if subject in self.validation else TEST
        )

    def said(self) -> str:
        """The split as a line; it says so where it is not the paper's."""
        sizes = f"{len(self.train)} to learn from, {len(self.validation)} to validate, {len(self.test)} to test"
        people = len(self.train) + len(self.validation) + len(self.test)
        if people == PEOPLE:
            return f"{people} people as in the paper: {sizes}"
        return f"{people} people, where the paper has {PEOPLE}; split by about its shares: {sizes}"


def split_people(subjects: Iterable[str], seed: int) -> Split:
    """Deal people to the parts: 40/5/5 of fifty, a tenth (one at least) to each held-out part of any other number."""
    names = sorted(set(subjects))
    if len(names) < FEWEST:
        raise DataError(
            f"{len(names)} people in the data; want {FEWEST} or more, to be split by person"
        )
    held_out = max(1, round(len(names) * HELD_OUT / PEOPLE))
    dealt = [names[i] for i in np.random.default_rng(seed).permutation(len(names))]
    test, validation, train = (
        dealt[:held_out],
        dealt[held_out : 2 * held_out],
        dealt[2 * held_out :],
    )
    return Split(tuple(sorted(train)), tuple(sorted(validation)), tuple(sorted(test)))
