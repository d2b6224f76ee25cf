from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from synthetic import simulate

from calibrate.data.replay_track import TrackReader
from engines.bundle.bundle import Bundle, ManifestSection
from engines.errors import BundleRefused
from realtime.runtime.gauge_spec import GaugeSpec
from realtime.runtime.onsets_from_bundle import load_known_onsets

SPEEDS = [round(0.5 * n, 1) for n in range(1, 20)]


def with_onsets(bundle: Bundle, speeds: object) -> Bundle:
    values = {**bundle.manifest.values, "onsets": speeds}
    return replace(bundle, manifest=ManifestSection(bundle.manifest.where, values))


def of_happiness(genuine: object) -> dict[str, object]:
    return {"relative_speed": {"happiness": {"genuine": genuine, "fake": SPEEDS}}}


def test_the_speeds_are_read_by_emotion_and_label(bundle: Bundle) -> None:
    doubled = [2 * speed for speed in SPEEDS]
    known = load_known_onsets(with_onsets(bundle, of_happiness(doubled)))
    assert known is not None
    np.testing.assert_allclose(known.genuine["happiness"], doubled)
    np.testing.assert_allclose(known.fake["happiness"], SPEEDS)


def test_a_bundle_without_them_knows_none(bundle: Bundle) -> None:
    values = {k: v for k, v in bundle.manifest.values.items() if k != "onsets"}
    plain = replace(bundle, manifest=ManifestSection(bundle.manifest.where, values))
    assert load_known_onsets(plain) is None


@pytest.mark.parametrize(
    "wrong",
    [
        of_happiness(SPEEDS[1:]),
        of_happiness(SPEEDS[::-1]),
        of_happiness([*SPEEDS[1:], "fast"]),
        of_happiness([*SPEEDS[:-1], float("inf")]),
        of_happiness([[1.0, 2.0]] * 19),
        of_happiness(None),
        {"relative_speed": {"happiness": {"genuine": SPEEDS}}},
        {},
        [],
    ],
)
def test_a_damaged_section_is_refused(bundle: Bundle, wrong: object) -> None:
    with pytest.raises(BundleRefused, match=r"onsets.*complete bundle"):
        load_known_onsets(with_onsets(bundle, wrong))


def test_a_loaded_gauge_compares_with_them(bundle: Bundle) -> None:
    track = simulate(1, 1, seed=0)[0]
    spec = GaugeSpec.of(with_onsets(bundle, of_happiness(SPEEDS)), "happiness", "native")
    gauge = spec.load(reader=TrackReader(track))
    assert gauge.judge.known_onsets is not None
