"""Learn which emotion a movement shows, from the emotions that clips are labelled with.

Whether a clip is genuine or fake is not used.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import ApexWindows
from calibrate.learning.out_of_fold import other_clips
from calibrate.learning.recognise import LiveStages, WindowReplay
from engines.model.shape import LANDMARKS
from realtime.core.messages import Floats
from realtime.person.stats import PersonStats
from realtime.verdict.emotion_classifier import EmotionClassifier

# Of the squared weights of standardised inputs, where all examples together count as one; from a
# tenth to three times as much the figures hardly differ (docs/RESULTS.md, "Which emotion").
L2_PENALTY = 0.01
LEAST_SPREAD = 1e-6  # of an input; a direction that the basis leaves out has none


def fit_emotion_classifier(
    windows: ApexWindows,
    clips: NDArray[np.intp],
    stages: LiveStages,
    known_clip_counts: Sequence[int],
    seed: int,
) -> EmotionClassifier | None:
    """Fit the classifier to the whole windows of `clips`; None where they show one emotion alone.

    Each clip is seen once for every number of known clips in `known_clip_counts`, drawn by `seed`.
    """
    data, inputs, shown = windows.data, list[Floats](), list[str]()
    replay = WindowReplay(windows, stages)
    for clip in clips.tolist():
        for known in known_clip_counts:
            stats = data.stats_from_clips(other_clips(data, clip, known, seed))
            movement = _mean_movement(replay, clip, stats)
            if movement is not None:
                inputs.append(movement)
                shown.append(str(data.emotions[clip]))
    emotions, labels = np.unique(shown, return_inverse=True)
    if len(emotions) < 2:
        return None
    weights, biases = softmax_regression(np.array(inputs, np.float64), labels)
    return EmotionClassifier(tuple(map(str, emotions)), weights, biases)


def softmax_regression(
    inputs: NDArray[np.float64], labels: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """Return weights (E, 80) and biases (E,) of the labels 0 to E - 1 of `inputs` (n, 80).

    The inputs are standardised, and the squared weights are held back by `L2_PENALTY`.
    """
    from scipy.optimize import minimize
    from scipy.special import log_softmax

    centre, spread = inputs.mean(axis=0), inputs.std(axis=0)
    spread[spread < LEAST_SPREAD] = np.inf  # without weight
    rows = (inputs - centre) / spread
    wanted = np.eye(int(labels.max()) + 1)[labels]
    shape, count = (wanted.shape[1], LANDMARKS + 1), len(rows)

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights, biases = np.split(flat.reshape(shape), (LANDMARKS,), axis=1)
        log_p = log_softmax(rows @ weights.T + biases[:, 0], axis=1)
        value = -float((wanted * log_p).sum()) / count + L2_PENALTY * float(
            np.square(weights).sum()
        )
        error = (np.exp(log_p) - wanted) / count
        slope = np.column_stack((error.T @ rows + 2 * L2_PENALTY * weights, error.sum(axis=0)))
        return value, slope.ravel()

    found = minimize(loss, np.zeros(shape[0] * shape[1]), jac=True, method="L-BFGS-B")
    weights, biases = np.split(found.x.reshape(shape), (LANDMARKS,), axis=1)
    own = weights / spread
    return np.asarray(own, np.float32), np.asarray(biases[:, 0] - own @ centre, np.float32)


def _mean_movement(replay: WindowReplay, clip: int, stats: PersonStats | None) -> Floats | None:
    """Return the mean movement (80,) of the window of `clip` at its last tick, None without one."""
    found = [tick.window.motion for tick in replay.ticks(clip, stats)]
    return np.asarray(found[-1].mean(axis=0), np.float32) if found else None
