"""Onsets that a bundle knows, from its section `onsets`."""

from __future__ import annotations

from engines.bundle.bundle import Bundle
from engines.errors import BundleRefused
from realtime.core.labels import FAKE, GENUINE
from realtime.verdict.known_onsets import KnownOnsets

ONSETS = "onsets"  # of the manifest; optional
RELATIVE_SPEED = "relative_speed"


def load_known_onsets(bundle: Bundle) -> KnownOnsets | None:
    """Return the speeds of the onsets that the bundle knows; None where it has no such section."""
    if ONSETS not in bundle.manifest:
        return None
    part = bundle.manifest.section(ONSETS).section(RELATIVE_SPEED)
    emotions = [part.section(name) for name in part.values]
    genuine, fake = (
        {name: each.array(label) for name, each in zip(part.values, emotions, strict=True)}
        for label in (GENUINE, FAKE)
    )
    try:
        return KnownOnsets(genuine, fake)
    except ValueError as error:
        raise BundleRefused(f"{part.where}: {error}; get a complete bundle") from None
