import numpy as np
import pytest

from realtime.person.appearance import PIXELS, AppearanceModel, unit_rows
from realtime.person.geometry import GeometryModel
from realtime.person.population import Population
from realtime.person.reidentify import Identity, embeddings_of, is_recognised, reidentify
from realtime.person.segment import Segment
from realtime.person.stats import PersonStats

RNG = np.random.default_rng(8)
OWN = RNG.normal(0, 1, 80).astype(np.float32)
OTHER = OWN + np.float32(0.5)  # other proportions
LOOKS = AppearanceModel(np.ones((6, PIXELS), np.float32), np.zeros(6, np.float32), 0.4, 0.7, 0.5)
FACE = unit_rows(RNG.normal(0, 1, 6).astype(np.float32))  # where a person's pictures lie
STRANGER = unit_rows(
    np.roll(FACE, 1) - np.roll(FACE, 1) @ FACE * FACE
)  # and one's who looks like them in nothing


def people(looks: AppearanceModel | None = LOOKS, tells: bool = True) -> Population:
    telling = (
        GeometryModel(10 * np.eye(80, dtype=np.float32)[:12], 4.0, 1.0, looks) if tells else None
    )
    nowhere, guess = np.zeros((1, 80), np.float32), np.zeros((2, 80), np.float32)
    neutral, usual = np.zeros(80, np.float32), np.full(80, 0.05, np.float32)
    return Population(neutral, usual, nowhere, nowhere, guess, 1.0, 1.0, telling)


def looking(like: float) -> np.ndarray:
    """Where someone lies whose likeness to `FACE` is the one given."""
    return np.asarray(like * FACE + np.sqrt(1 - like**2) * STRANGER, np.float32)


def stretches(face: np.ndarray, look: np.ndarray | None, count: int = 1) -> list[Segment]:
    return [Segment(face[None].repeat(20, axis=0), False, look) for _ in range(count)]


BEFORE = stretches(OWN, FACE, 6)
SAVED = PersonStats(10.0, OWN, np.full(80, 0.01, np.float32), 10.0)


def who(
    seen: list[Segment], before=BEFORE, expected=None, familiar=(), briefly=False, of=None
) -> Identity:
    return reidentify(of or people(), expected, familiar, before, seen, appearance_only=briefly)


@pytest.mark.parametrize("briefly", [True, False])
@pytest.mark.parametrize("face", [OWN, OTHER])
def test_where_looks_are_clear_proportions_are_not_asked(face: np.ndarray, briefly: bool) -> None:
    assert who(stretches(face, looking(0.9)), briefly=briefly) is Identity.SAME
    assert who(stretches(face, looking(0.1)), briefly=briefly) is Identity.DIFFERENT


def test_where_looks_do_not_say_proportions_do_once_there_is_a_window() -> None:
    unclear = looking(0.55)
    assert who(stretches(OTHER, unclear)) is Identity.DIFFERENT
    assert who(stretches(OTHER, unclear), briefly=True) is Identity.UNDECIDED
    assert who(stretches(OWN, unclear)) is Identity.UNDECIDED


@pytest.mark.parametrize("of", [people(None), people()])
def test_without_pictures_proportions_alone_tell(of: Population) -> None:
    before = stretches(OWN, None, 6)
    assert who(stretches(OTHER, None), before, of=of) is Identity.DIFFERENT
    assert who(stretches(OTHER, None), before, of=of, briefly=True) is Identity.UNDECIDED
    assert (
        who(stretches(OWN, None), before, of=of) is Identity.UNDECIDED
    )  # proportions alone make nobody sure


def test_where_nothing_tells_people_apart_nobody_is_told() -> None:
    assert who(stretches(OTHER, looking(0.0)), of=people(tells=False)) is Identity.UNDECIDED


def test_nobody_seen_is_nobody_told() -> None:
    assert who([]) is Identity.UNDECIDED


def test_nobody_before_is_nobody_to_be_told_from() -> None:
    assert who(stretches(OTHER, looking(0.0)), before=[]) is Identity.UNDECIDED


class TestExpected:
    def test_by_proportions_alone_where_their_looks_are_not_known(self) -> None:
        assert who(stretches(OTHER, looking(1.0)), [], SAVED) is Identity.DIFFERENT
        assert who(stretches(OWN, looking(0.0)), [], SAVED) is Identity.UNDECIDED

    def test_by_their_looks_where_they_were_seen_before(self) -> None:
        familiar = [FACE] * 6
        assert who(stretches(OTHER, looking(0.9)), [], SAVED, familiar) is Identity.SAME
        assert (
            who(stretches(OWN, looking(0.1)), [], SAVED, familiar, briefly=True)
            is Identity.DIFFERENT
        )

    def test_saved_and_seen_proportions_weigh_by_their_clips(self) -> None:
        """Ten clips on file of one face and one seen of another: who has the first face is no other."""
        before, unseen = stretches(OTHER, None), stretches(OWN, None)
        assert who(unseen, before, SAVED) is Identity.UNDECIDED
        assert who(unseen, before) is Identity.DIFFERENT


def test_looks_of_before_and_familiar_ones_count_together() -> None:
    """Seen once before and looking a quarter alike: too little to tell; familiar for long as well, enough."""
    seen = stretches(OWN, looking(0.25))
    assert who(seen, stretches(OWN, FACE)) is Identity.UNDECIDED
    assert who(seen, stretches(OWN, FACE), familiar=[FACE] * 9) is Identity.DIFFERENT


def test_who_is_familiar_is_known_again_by_looks_surely_or_not_at_all() -> None:
    familiar = [FACE] * 6
    assert is_recognised(people(), familiar, stretches(OTHER, looking(0.9)))
    assert not is_recognised(people(), familiar, stretches(OWN, looking(0.6)))
    assert not is_recognised(people(), familiar, stretches(OWN, looking(0.0)))
    assert not is_recognised(people(), familiar, stretches(OWN, None))
    assert not is_recognised(people(), [], stretches(OWN, FACE))
    assert not is_recognised(people(None), familiar, stretches(OWN, FACE))


def test_only_stretches_with_pictures_have_looks() -> None:
    mixed = [
        *stretches(OWN, None, 2),
        *stretches(OWN, FACE),
        *stretches(OWN, None),
        *stretches(OWN, STRANGER),
    ]
    found = embeddings_of(mixed)
    assert len(found) == 2
    np.testing.assert_array_equal(found, [FACE, STRANGER])
