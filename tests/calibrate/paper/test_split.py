import pytest

from calibrate.data.clips import DataError
from calibrate.paper.split import Split, split_people


def people(count: int) -> list[str]:
    return [f"{number:02}" for number in range(count)]


def sizes(split: Split) -> tuple[int, int, int]:
    return len(split.train), len(split.validation), len(split.test)


def test_fifty_people_are_split_as_in_the_paper() -> None:
    split = split_people(people(50), seed=0)
    assert sizes(split) == (40, 5, 5)
    sizes_text = "40 for training, 5 for validation, 5 for test"
    assert split.summary() == f"50 people as in the paper: {sizes_text}"


@pytest.mark.parametrize(
    ("count", "wanted"), [(4, (2, 1, 1)), (6, (4, 1, 1)), (20, (16, 2, 2)), (42, (34, 4, 4))]
)
def test_other_numbers_are_split_in_the_papers_shares_with_a_note(
    count: int, wanted: tuple[int, int, int]
) -> None:
    split = split_people(people(count), seed=0)
    assert sizes(split) == wanted
    assert f"{count} people (the paper has 50)" in split.summary()


def test_each_person_is_in_one_part_with_all_clips() -> None:
    names = people(17)
    split = split_people(names * 12, seed=3)
    assert sorted((*split.train, *split.validation, *split.test)) == names
    assert all(name in getattr(split, split.part(name)) for name in names)


def test_the_split_depends_on_the_seed_but_not_on_the_clip_order() -> None:
    names = people(50)
    assert split_people(names, 0) == split_people(names[::-1], 0)
    assert split_people(names, 0) != split_people(names, 1)


def test_too_few_people_are_refused() -> None:
    with pytest.raises(DataError, match="3 people in the data; want 4 or more"):
        split_people(people(3), 0)
