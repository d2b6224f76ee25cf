import subprocess
import sys

import numpy as np

from calibrate.data.dataset import Dataset
from calibrate.learning.clip_reader import ClipReader, ClipScorer
from calibrate.learning.fit import FittedModel, score_models

WITHOUT = "import sys; sys.modules |= {name: None for name in ('torch', 'scipy', 'matplotlib')}; "


def test_it_needs_no_pytorch() -> None:
    imports = "import calibrate.learning.clip_reader, calibrate.metrics"
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT + imports], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_person_is_known_from_the_other_clips_alone(
    model: FittedModel, data: Dataset, outside: np.ndarray
) -> None:
    clip, own = int(outside[0]), data.clips_by_person(outside)
    others = [i for i in own[str(data.subjects[clip])].tolist() if i != clip]
    reader, emotion = ClipReader(model.learned, model.learned.windows(data)), "happiness"
    stats = data.stats_from_clips(others)
    given = reader.features_given(clip, emotion, stats, reader.bias(others, stats))
    drawn = reader.features(clip, emotion, len(others))
    assert len(given.inputs) > 0
    np.testing.assert_allclose(drawn.inputs, given.inputs, atol=1e-6)
    booster = score_models(model)[emotion]
    scores = ClipScorer(reader, {emotion: booster}).scores(clip, emotion, len(others))
    assert scores == [booster.score(row) for row in drawn.inputs]
