import numpy as np
import pytest
from populations import plain_population

from realtime.person.appearance import PIXELS, AppearanceModel, unit_rows
from realtime.person.geometry import GeometryModel
from realtime.person.population import Population
from realtime.person.reidentification import Identity, embeddings_of, is_recognised, reidentify
from realtime.person.segment import Segment
from realtime.person.stats import PersonStats

RNG = np.random.default_rng(8)
OWN = RNG.normal(0, 1, 80).astype(np.float32)
OTHER = OWN + np.float32(0.5)  # other geometry
APPEARANCE = AppearanceModel(
    np.ones((6, PIXELS), np.float32), np.zeros(6, np.float32), 0.4, 0.7, 0.5
)
FACE = unit_rows(RNG.normal(0, 1, 6).astype(np.float32))  # embedding of a person
# Embedding of another person, orthogonal to FACE.
STRANGER = unit_rows(np.roll(FACE, 1) - np.roll(FACE, 1) @ FACE * FACE)


def population(
    appearance: AppearanceModel | None = APPEARANCE, has_geometry: bool = True
) -> Population:
    geometry = (
        GeometryModel(10 * np.eye(80, dtype=np.float32)[:12], 4.0, 1.0, appearance)
        if has_geometry
        else None
    )
    return plain_population(geometry=geometry)


def embedding_with_similarity(similarity: float) -> np.ndarray:
    """Return an embedding with the given cosine similarity to `FACE`."""
    return np.asarray(similarity * FACE + np.sqrt(1 - similarity**2) * STRANGER, np.float32)


def segments(face: np.ndarray, embedding: np.ndarray | None, count: int = 1) -> list[Segment]:
    return [Segment(face[None].repeat(20, axis=0), False, embedding) for _ in range(count)]


BEFORE = segments(OWN, FACE, 6)
SAVED = PersonStats(10.0, OWN, np.full(80, 0.01, np.float32), 10.0)


def identity(
    new: list[Segment], before=BEFORE, expected=None, familiar=(), brief=False, model=None
) -> Identity:
    return reidentify(model or population(), expected, familiar, before, new, appearance_only=brief)


@pytest.mark.parametrize("brief", [True, False])
@pytest.mark.parametrize("face", [OWN, OTHER])
def test_clear_appearance_decides_without_geometry(face: np.ndarray, brief: bool) -> None:
    assert identity(segments(face, embedding_with_similarity(0.9)), brief=brief) is Identity.SAME
    assert (
        identity(segments(face, embedding_with_similarity(0.1)), brief=brief) is Identity.DIFFERENT
    )


def test_geometry_decides_where_appearance_is_undecided() -> None:
    unclear = embedding_with_similarity(0.55)
    assert identity(segments(OTHER, unclear)) is Identity.DIFFERENT
    assert identity(segments(OTHER, unclear), brief=True) is Identity.UNDECIDED
    assert identity(segments(OWN, unclear)) is Identity.UNDECIDED


@pytest.mark.parametrize("model", [population(None), population()])
def test_geometry_alone_decides_without_embeddings(model: Population) -> None:
    before = segments(OWN, None, 6)
    assert identity(segments(OTHER, None), before, model=model) is Identity.DIFFERENT
    assert identity(segments(OTHER, None), before, model=model, brief=True) is Identity.UNDECIDED
    assert (
        identity(segments(OWN, None), before, model=model) is Identity.UNDECIDED
    )  # geometry alone never confirms


def test_without_a_geometry_model_identity_is_undecided() -> None:
    assert (
        identity(
            segments(OTHER, embedding_with_similarity(0.0)), model=population(has_geometry=False)
        )
        is Identity.UNDECIDED
    )


def test_no_new_segment_is_undecided() -> None:
    assert identity([]) is Identity.UNDECIDED


def test_no_earlier_segment_is_undecided() -> None:
    assert (
        identity(segments(OTHER, embedding_with_similarity(0.0)), before=[]) is Identity.UNDECIDED
    )


class TestExpected:
    def test_geometry_alone_without_familiar_embeddings(self) -> None:
        assert (
            identity(segments(OTHER, embedding_with_similarity(1.0)), [], SAVED)
            is Identity.DIFFERENT
        )
        assert (
            identity(segments(OWN, embedding_with_similarity(0.0)), [], SAVED) is Identity.UNDECIDED
        )

    def test_appearance_with_familiar_embeddings(self) -> None:
        familiar = [FACE] * 6
        assert (
            identity(segments(OTHER, embedding_with_similarity(0.9)), [], SAVED, familiar)
            is Identity.SAME
        )
        assert (
            identity(segments(OWN, embedding_with_similarity(0.1)), [], SAVED, familiar, brief=True)
            is Identity.DIFFERENT
        )

    def test_saved_and_observed_geometry_weigh_by_their_clips(self) -> None:
        """Ten saved clips of one face outweigh six segments of another."""
        before, new = segments(OTHER, None), segments(OWN, None)
        assert identity(new, before, SAVED) is Identity.UNDECIDED
        assert identity(new, before) is Identity.DIFFERENT


def test_earlier_and_familiar_embeddings_count_together() -> None:
    """A similarity of 0.25 is undecided after one segment, different with nine familiar ones."""
    new = segments(OWN, embedding_with_similarity(0.25))
    assert identity(new, segments(OWN, FACE)) is Identity.UNDECIDED
    assert identity(new, segments(OWN, FACE), familiar=[FACE] * 9) is Identity.DIFFERENT


def test_a_familiar_person_is_recognised_by_clear_appearance_alone() -> None:
    familiar = [FACE] * 6
    assert is_recognised(population(), familiar, segments(OTHER, embedding_with_similarity(0.9)))
    assert not is_recognised(population(), familiar, segments(OWN, embedding_with_similarity(0.6)))
    assert not is_recognised(population(), familiar, segments(OWN, embedding_with_similarity(0.0)))
    assert not is_recognised(population(), familiar, segments(OWN, None))
    assert not is_recognised(population(), [], segments(OWN, FACE))
    assert not is_recognised(population(None), familiar, segments(OWN, FACE))


def test_segments_without_crops_have_no_embedding() -> None:
    mixed = [
        *segments(OWN, None, 2),
        *segments(OWN, FACE),
        *segments(OWN, None),
        *segments(OWN, STRANGER),
    ]
    embeddings = embeddings_of(mixed)
    assert len(embeddings) == 2
    np.testing.assert_array_equal(embeddings, [FACE, STRANGER])
