"""What else than the face may tell the label, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

TIED = 0.6  # AUC from which a property is named as tied to the label


def confound_lines(areas: Mapping[str, float]) -> Iterator[str]:
    """Yield the AUC of each property alone, and a warning that names those tied to the label."""
    if not areas:
        return
    yield "label told by one property alone (AUC): " + ", ".join(
        f"{name} {area:.2f}" for name, area in areas.items()
    )
    if tied := [name for name, area in areas.items() if area >= TIED]:
        yield f"the label is tied to {' and '.join(tied)}: learning may learn that instead"
