from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np

from calibrate.bundle.onset_part import add_onsets
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from engines.bundle.checksums import CHECKSUM_FILE
from realtime.runtime.onsets_from_bundle import ONSETS, load_known_onsets
from realtime.verdict.known_onsets import LEVELS, KnownOnsets

SLOW, FAST = (np.asarray(scale * LEVELS, np.float32) for scale in (2, 4))


def test_speeds_are_added_read_back_and_replaced_and_all_else_stays(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(DEFAULT_BUNDLE, tmp_path / "bundle"))
    before = Bundle.load(folder)
    for emotion in ("fear", "happiness"):
        add_onsets(folder, KnownOnsets({emotion: SLOW}, {emotion: FAST}))
    after = Bundle.load(folder)
    known = load_known_onsets(after)
    assert known is not None
    assert {*known.genuine} == {"happiness"}
    np.testing.assert_allclose(known.genuine["happiness"], SLOW, atol=1e-4)
    np.testing.assert_allclose(known.fake["happiness"], FAST, atol=1e-4)
    old, new = (
        {k: v for k, v in each.manifest.values.items() if k not in ("files", ONSETS)}
        for each in (before, after)
    )
    assert json.dumps(old) == json.dumps(new)
    assert {*before.arrays} == {*after.arrays}
    assert (folder / CHECKSUM_FILE).exists()
    assert (folder / "MODEL_CARD.md").read_text().count("## Onsets") == 1
