"""Made-up expression read-outs of synthetic tracks, with the names of the packaged bundle's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from calibrate.data.tracks import Track
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from realtime.motion.align import align_to_eyes
from realtime.runtime.stages_from_bundle import expression_network, rest_limits

STILL_S = 0.5  # at the start of a synthetic clip


def with_packaged_read_out(track: Track) -> Track:
    """Return the track with a smile where the face is far from how it begins, else at rest."""
    bundle = Bundle.load(DEFAULT_BUNDLE)
    network, limits = expression_network(bundle), rest_limits(bundle)
    assert network is not None
    assert limits is not None
    shapes = align_to_eyes(track.points_px)
    rest = shapes[track.times_s < track.times_s[0] + STILL_S].mean(axis=0)
    away = np.sqrt(np.square(shapes - rest).mean(axis=1))
    values = np.tile(limits.typical, (len(shapes), 1))
    values[away > away.max() / 3, network.names.index("smile_left")] = 1.0
    return replace(
        track, expressions=values, expression_names=network.names, read_out=network.digest
    )
