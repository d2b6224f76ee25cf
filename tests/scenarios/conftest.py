"""Two synthetic people before the packaged bundle, one of them saved."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from stages import CONFIRMING_EXPRESSIONS, SAVED_EXPRESSIONS, GaugeSession, SyntheticFace

from engines.bundle.bundle import Bundle
from realtime.person.known_face import KnownFace
from realtime.person.saved_profile import SavedPerson
from realtime.person.stats import PersonStats


@pytest.fixture(scope="session")
def ann(bundle: Bundle) -> SyntheticFace:
    return SyntheticFace(bundle, 1)


@pytest.fixture(scope="session")
def bob(bundle: Bundle) -> SyntheticFace:
    return SyntheticFace(bundle, 3)


@pytest.fixture(scope="session")
def saved_ann(bundle: Bundle, ann: SyntheticFace) -> SavedPerson:
    """Return Ann, saved after ten expressions that scored genuine on average."""
    square = np.square(ann.apex - ann.neutral)
    count = float(SAVED_EXPRESSIONS)
    stats, face = PersonStats(count, ann.neutral, square, count), KnownFace(ann.descriptor, 10)
    return SavedPerson(stats, bundle.sha256, 0.5, count, face=face)


@pytest.fixture
def new_session(bundle: Bundle, ann: SyntheticFace) -> Callable[..., GaugeSession]:
    """Return `new_session(saved, expressions, hz)`: a session in which Ann has shown that many."""

    def start(
        saved: SavedPerson | None = None, expressions: int = 0, hz: float = 30.0
    ) -> GaugeSession:
        session = GaugeSession(bundle, saved, hz)
        for _ in range(expressions):
            session.show_expression(ann)
        return session

    return start


@pytest.fixture
def confirmed_session(
    new_session: Callable[..., GaugeSession], saved_ann: SavedPerson
) -> GaugeSession:
    """Return a session in which Ann was expected and is confirmed."""
    return new_session(saved_ann, CONFIRMING_EXPRESSIONS)
