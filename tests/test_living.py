from __future__ import annotations

import weakref

import pytest
from living import living


class Kind:
    pass


class Special(Kind):
    pass


class Impostor:
    """Says of itself that it is another kind, and fails when asked."""

    @property
    def __class__(self) -> type:  # type: ignore[override]
        raise RuntimeError("asked")


def test_it_counts_a_kind_and_those_derived_from_it() -> None:
    before = living(Kind)
    kept = [Kind(), Special()]
    assert living(Kind) == before + len(kept)


@pytest.mark.parametrize("proxy_of", ["dead", "living", "impostor"])
def test_objects_that_answer_for_another_are_not_asked(proxy_of: str) -> None:
    target = Kind()
    odd = Impostor() if proxy_of == "impostor" else weakref.proxy(target)
    before = living(Kind)
    if proxy_of == "dead":
        del target
    assert living(Kind) == before - (proxy_of == "dead")
    del odd
