from pathlib import Path

import numpy as np
import pytest

from engines.errors import GaugeError
from realtime.core import model_files
from realtime.person import face_network
from realtime.person.face_network import DESCRIPTOR, FaceNetwork, network_path

CHIP = np.random.default_rng(0).integers(0, 256, (150, 150)).astype(np.uint8)


def test_a_chip_gives_a_descriptor_that_is_always_the_same() -> None:
    network = FaceNetwork()
    one, two = network.describe(CHIP), network.describe(CHIP)
    network.close()
    assert (one.dtype, one.shape) == (np.float32, (DESCRIPTOR,))
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(one, FaceNetwork().describe(CHIP))


def test_dlib_is_loaded_at_the_first_call(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[Path] = []
    monkeypatch.setattr(face_network, "load_network", loaded.append)
    FaceNetwork()
    assert loaded == []


def test_without_the_package_the_error_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "find_spec", lambda name: None)
    with pytest.raises(GaugeError, match=r"^the face network is missing.*Run `pip install face_"):
        network_path()
    with pytest.raises(GaugeError, match="the face network is missing"):
        FaceNetwork()


def test_without_the_file_the_error_names_file_and_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(face_network, "FILE", "none.dat")
    with pytest.raises(GaugeError, match=r"no face network .*none\.dat. Run `pip install --force"):
        network_path()


def test_a_damaged_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "damaged.dat").write_bytes(b"no network")
    with pytest.raises(GaugeError, match=r"cannot read .*damaged\.dat: .* run `pip install"):
        face_network.load_network(tmp_path / "damaged.dat")
