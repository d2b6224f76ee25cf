"""Add the speeds of known onsets to a bundle; all else in it stays as it is."""

from __future__ import annotations

from pathlib import Path

from calibrate.bundle.expression_part import add_section
from realtime.core.labels import FAKE, GENUINE
from realtime.runtime.onsets_from_bundle import ONSETS, RELATIVE_SPEED
from realtime.verdict.known_onsets import KnownOnsets

CARD_SECTION = """## Onsets

Quantiles of the relative speed of onsets, genuine and fake, of {emotions}: the gauge compares how
an expression begins with them, in words. They have no part in a probability; how long and how fast
the onset itself is has one, where the score was fitted with it.
"""


def onsets_json(known: KnownOnsets) -> dict[str, object]:
    """Return the quantiles as the manifest holds them."""
    speeds = {
        emotion: {
            label: [round(float(speed), 4) for speed in by[emotion]]
            for label, by in ((GENUINE, known.genuine), (FAKE, known.fake))
        }
        for emotion in known.genuine
    }
    return {RELATIVE_SPEED: speeds}


def add_onsets(folder: Path, known: KnownOnsets) -> None:
    """Write `known` into the bundle in `folder`, replacing older ones.

    Raises BundleRefused for a bundle that is damaged before.
    """
    emotions = ", ".join(known.genuine) or "no emotion"
    add_section(folder, ONSETS, onsets_json(known), CARD_SECTION.format(emotions=emotions))
