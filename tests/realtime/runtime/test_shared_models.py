"""Models are loaded once, closed once, and give each gauge the same as its own would."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from simulated_run import FaceEverywhere

from engines.bundle.bundle import Bundle
from engines.engine import Engine
from engines.model.network import Network
from engines.testing.fake_engine import FakeEngine
from realtime.app.cli import main
from realtime.capture import demo
from realtime.runtime import shared_models
from realtime.runtime.gauge_spec import GaugeSpec
from realtime.runtime.shared_models import SharedModels


@pytest.fixture
def created(monkeypatch: pytest.MonkeyPatch) -> list[Engine]:
    """Return the engines that are created, in order; each counts how often it is closed."""
    engines: list[Engine] = []

    class Counted(FakeEngine):
        closed = 0

        def __init__(self, network: Network) -> None:
            super().__init__()
            self.network = network

        def close(self) -> None:
            self.closed += 1

    def create(name: str, network: Network) -> Engine:
        engines.append(Counted(network))
        return engines[-1]

    monkeypatch.setattr(shared_models, "create_engine", create)
    return engines


def test_an_engine_is_created_once_for_a_network_and_name(bundle: Bundle, created: list) -> None:
    models, networks = SharedModels(), [bundle.network(name) for name in bundle.networks[:2]]
    first = models.engine("native", networks[0])
    assert models.engine("native", bundle.network(bundle.networks[0])) is first
    assert models.engine("native", networks[1]) is not first
    assert models.engine("torch", networks[0]) is not first
    assert len(created) == 3


def test_detectors_are_loaded_once_and_answers_are_not_shared() -> None:
    models = SharedModels()
    first, second = models.detectors().in_order(), models.detectors().in_order()
    assert first[:2] == second[:2]
    assert first[2] is not second[2]


def test_close_closes_each_engine_once(bundle: Bundle, created: list) -> None:
    models = SharedModels()
    models.engine("native", bundle.network(bundle.networks[0]))
    models.close()
    models.close()
    assert [engine.closed for engine in created] == [1]


def test_what_is_discarded_stays_open_and_is_not_given_out_again(
    bundle: Bundle, created: list
) -> None:
    models, network = SharedModels(), bundle.network(bundle.networks[0])
    first = models.engine("native", network)
    models.discard()
    assert models.engine("native", network) is not first
    models.close()
    assert [engine.closed for engine in created] == [0, 1]


def test_a_gauge_leaves_shared_engines_open(bundle: Bundle, created: list) -> None:
    models = SharedModels()
    for _ in range(2):
        gauge = GaugeSpec.of(bundle, "fear").load(reader=FaceEverywhere(), models=models)
        gauge.judge.close()
    assert created
    assert {engine.closed for engine in created} == {0}
    assert len({engine.network.name for engine in created}) == len(created)


def test_the_landmark_predictor_is_loaded_once() -> None:
    models = SharedModels()
    assert models.predictor() is models.predictor()


def test_the_landmarks_are_fitted_by_what_was_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = {}
    for by in ("kernel", "dlib"):
        record = tmp_path / f"{by}.jsonl"
        options = ("--fast", "--to", "3s", "--landmarks", by, "--record", str(record))
        assert main(["--yes", "--headless", "--demo", *options]) == 0
        rows[by] = [json.loads(line) for line in record.read_text().splitlines()]
    assert rows["dlib"][0] == rows["kernel"][0] | {"landmarks": "dlib"}
    boxes = [[row["box_px"] for row in rows[by][1:-1]] for by in rows]
    assert boxes[0] == boxes[1]
    assert any(boxes[0])


def test_a_folder_of_files_loads_the_models_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names: list[str] = []
    create = shared_models.create_engine
    monkeypatch.setattr(
        shared_models,
        "create_engine",
        lambda name, network: names.append(network.name) or create(name, network),
    )
    for name in ("a.mp4", "b.mp4", "c.mp4"):
        shutil.copy(demo.CLIP, tmp_path / name)
    assert main(["--yes", "--headless", "--fast", "--to", "1s", "--replay", str(tmp_path)]) == 0
    assert names
    assert len(names) == len(set(names))
    assert capsys.readouterr().out.count(".mp4") == 3
