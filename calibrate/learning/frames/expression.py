"""Learn the expression read-out from a teacher's blendshapes, and measure it on people held out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from calibrate.data.expression_samples import ACTIONS, NAMES, ExpressionSamples
from calibrate.data.folds import person_folds
from realtime.core.messages import Floats
from realtime.landmarks.expression_reader import ExpressionNetwork

LEFT, RIGHT = "_left", "_right"
SMALLEST_SPREAD = 1e-3  # of a feature or an action that hardly varies
RARE_ACTION = 0.01  # added to an action's spread, so that noise of rare ones does not weigh most


@dataclass(frozen=True, slots=True)
class ExpressionConfig:
    """How the read-out is learned; figures in docs/RESULTS.md."""

    hidden: int = 64
    epochs: int = 8
    batch: int = 256
    learning_rate: float = 2e-3  # highest of the one-cycle schedule
    weight_decay: float = 1e-3
    folds: int = 5
    seed: int = 0


def train_expression(
    samples: ExpressionSamples, config: ExpressionConfig, used: NDArray[np.bool_] | None = None
) -> ExpressionNetwork:
    """Return the read-out learned from the `used` samples (all), each also mirrored."""
    kept = np.ones(len(samples.teacher), bool) if used is None else used
    features, wanted = _both_halves(samples, kept)
    centre, spread = features.mean(axis=0), features.std(axis=0) + SMALLEST_SPREAD
    torch.manual_seed(config.seed)
    net = nn.Sequential(
        nn.Linear(features.shape[1], config.hidden), nn.ReLU(), nn.Linear(config.hidden, len(NAMES))
    )
    _fit(net, torch.from_numpy((features - centre) / spread), torch.from_numpy(wanted), config)
    return _network_of(net, centre, spread)


def held_out_values(samples: ExpressionSamples, config: ExpressionConfig) -> Floats:
    """Return the read-out (n, actions) of each sample by a network that never saw its person."""
    folds = person_folds(samples.person.tolist(), config.folds, config.seed)
    values = np.zeros((len(folds), len(NAMES)), np.float32)
    for fold in np.unique(folds):
        tested = folds == fold
        network = train_expression(samples, config, ~tested)
        values[tested] = network.evaluate(samples.features[tested, 0].astype(np.float32))
    return values


def correlations(values: Floats, samples: ExpressionSamples) -> Mapping[str, float]:
    """Return the Pearson correlation of each action's values (n, actions) with the teacher's."""
    taught = samples.teacher[:, list(ACTIONS.values())]
    pairs = zip(NAMES, values.T, taught.T, strict=True)
    return {name: float(np.corrcoef(ours, theirs)[0, 1]) for name, ours, theirs in pairs}


def mirrored_name(name: str) -> str:
    """Return the action on the other half of the face."""
    for side, other in ((LEFT, RIGHT), (RIGHT, LEFT)):
        if name.endswith(side):
            return name.removesuffix(side) + other
    return name


def _both_halves(samples: ExpressionSamples, kept: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return features (2n, F) and the teacher's actions (2n, actions), as seen and mirrored."""
    features, teacher = samples.features[kept], samples.teacher[kept]
    as_seen, swapped = (
        teacher[:, [ACTIONS[name] for name in names]]
        for names in (NAMES, [mirrored_name(name) for name in NAMES])
    )
    both = np.concatenate((features[:, 0], features[:, 1])).astype(np.float32)
    return both, np.concatenate((as_seen, swapped))


def _fit(net: nn.Sequential, features: Tensor, wanted: Tensor, config: ExpressionConfig) -> None:
    """Minimise the squared error, in units of each action's spread, from its mean on."""
    last = net[-1]
    assert isinstance(last, nn.Linear)
    nn.init.zeros_(last.weight)
    last.bias.data = wanted.mean(dim=0)
    weights = 1 / (wanted.std(dim=0) + RARE_ACTION)
    batches = max(1, len(features) // config.batch)
    steps, rate = config.epochs * batches, config.learning_rate
    optimiser = torch.optim.AdamW(net.parameters(), rate, weight_decay=config.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps)
    draw = torch.Generator().manual_seed(config.seed)
    for _ in range(config.epochs):
        order = torch.randperm(len(features), generator=draw)
        for chosen in order.tensor_split(batches):
            loss = ((net(features[chosen]) - wanted[chosen]) * weights).square().mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()


def _network_of(net: nn.Sequential, centre: Floats, spread: Floats) -> ExpressionNetwork:
    """Return the network as it runs live: the features' centre and spread are in its weights."""
    first, last = ([part.detach().numpy() for part in net[i].parameters()] for i in (0, 2))
    weights = first[0] / spread
    hidden = np.column_stack((weights, first[1] - weights @ centre))
    return ExpressionNetwork(
        NAMES, np.asarray(hidden, np.float32), np.column_stack(last).astype(np.float32)
    )
