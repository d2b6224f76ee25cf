import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from engines.bundle import bundle as bundle_module
from engines.bundle.bundle import ARRAYS, DEFAULT_BUNDLE, MANIFEST, MAX_FILE_BYTES, Bundle
from engines.bundle.safe_read import read_bounded
from engines.errors import BundleRefused


def manifest_entry(raw: bytes) -> dict[str, object]:
    return {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    weights = save(
        {
            "any/output.bias": np.arange(80, dtype=np.float32),
            "sad/output.bias": np.zeros(80, np.float32),
        }
    )
    network = {"hidden": 8, "blocks": 1, "step_lengths": [2.0, 1.0], "softening": 0.001, "own": 0.9}
    manifest = {
        "format": 1,
        "networks": {"any": network, "sad": network},
        "emotions": {"any": {}},
        "files": {ARRAYS: manifest_entry(weights), "booster-any.ubj": manifest_entry(b"trees")},
    }
    (tmp_path / ARRAYS).write_bytes(weights)
    (tmp_path / "booster-any.ubj").write_bytes(b"trees")
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    return tmp_path


def change(folder: Path, **values: object) -> None:
    manifest = json.loads((folder / MANIFEST).read_text()) | values
    (folder / MANIFEST).write_text(json.dumps(manifest))


def test_loads_each_network_with_its_weights(folder: Path) -> None:
    bundle = Bundle.load(folder)
    network = bundle.network("any")
    assert list(network.weights) == ["output.bias"]
    np.testing.assert_array_equal(network.weights["output.bias"], np.arange(80))
    assert (network.shape.hidden, network.rule.lengths) == (8, (2.0, 1.0))
    assert bundle.networks == ("any", "sad")
    assert bundle.file("booster-any.ubj") == b"trees"


def test_manifest_sha256_identifies_the_bundle(folder: Path) -> None:
    before = Bundle.load(folder).sha256
    assert before == hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    change(folder, name="another")
    assert Bundle.load(folder).sha256 != before


@pytest.mark.parametrize("name", [ARRAYS, "booster-any.ubj"])
@pytest.mark.parametrize("offset", [0, -1])
def test_names_a_file_with_a_changed_byte(folder: Path, name: str, offset: int) -> None:
    raw = bytearray((folder / name).read_bytes())
    raw[offset] ^= 1
    (folder / name).write_bytes(raw)
    with pytest.raises(BundleRefused, match=name):
        Bundle.load(folder)


def test_rejects_a_longer_file_without_reading_all_of_it(folder: Path) -> None:
    with (folder / "booster-any.ubj").open("ab") as file:
        file.truncate(1 << 30)  # sparse: a bomb that takes no disk
    with pytest.raises(BundleRefused, match="larger than 5 bytes"):
        Bundle.load(folder)


def test_rejects_a_file_that_changed_after_loading(folder: Path) -> None:
    bundle = Bundle.load(folder)
    (folder / "booster-any.ubj").write_bytes(b"treez")
    with pytest.raises(BundleRefused, match="differs"):
        bundle.file("booster-any.ubj")


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/b", "..", ""])
def test_rejects_a_path_outside_the_folder(folder: Path, name: str) -> None:
    change(folder, files={name: manifest_entry(b"x")})
    with pytest.raises(BundleRefused, match="outside its folder"):
        Bundle.load(folder)


def test_rejects_an_excessive_size_before_reading(folder: Path) -> None:
    change(folder, files={ARRAYS: {"bytes": MAX_FILE_BYTES + 1, "sha256": "0"}})
    with pytest.raises(BundleRefused, match="the most is"):
        Bundle.load(folder)


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"format": 2}', "\x80"])
def test_rejects_an_invalid_manifest(folder: Path, text: str) -> None:
    (folder / MANIFEST).write_bytes(text.encode("latin-1"))
    with pytest.raises(BundleRefused, match=MANIFEST):
        Bundle.load(folder)


def test_reports_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(BundleRefused, match="cannot be read"):
        Bundle.load(tmp_path / "nowhere")


def test_rejects_weights_that_are_not_safetensors(folder: Path) -> None:
    raw = b"\x80\x04pickle"
    (folder / ARRAYS).write_bytes(raw)
    change(folder, files={ARRAYS: manifest_entry(raw)})
    with pytest.raises(BundleRefused, match="no safetensors"):
        Bundle.load(folder)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        (
            {
                "networks": {
                    "any": {"hidden": 0, "blocks": 1, "step_lengths": [1], "softening": 1, "own": 0}
                }
            },
            "networks.any",
        ),
        ({"networks": {"any": {"hidden": "8"}}}, "hidden"),
        ({"networks": {"any": {"hidden": 8, "blocks": 1, "step_lengths": ["x"]}}}, "step_lengths"),
        (
            {
                "networks": {
                    "any": {"hidden": 8, "blocks": 1, "step_lengths": [1], "softening": 1, "own": 2}
                }
            },
            "closed_loop",
        ),
        ({"networks": {}}, "any"),
    ],
)
def test_names_the_faulty_manifest_key(folder: Path, values: dict[str, object], named: str) -> None:
    change(folder, **values)
    with pytest.raises(BundleRefused, match=named):
        Bundle.load(folder).network("any")


def test_packaged_bundle_is_complete_and_small() -> None:
    bundle = Bundle.load(DEFAULT_BUNDLE)
    assert {"anger", "disgust", "fear", "happiness", "sadness", "surprise", "any"} <= set(
        bundle.emotions
    )
    assert sum(path.stat().st_size for path in DEFAULT_BUNDLE.iterdir()) <= 20e6
    for name in bundle.networks:
        assert bundle.network(name).weights


def test_returns_an_array_by_name(folder: Path) -> None:
    np.testing.assert_array_equal(Bundle.load(folder).array("any/output.bias"), np.arange(80))
    with pytest.raises(BundleRefused, match="population/neutral is missing"):
        Bundle.load(folder).array("population/neutral")


@pytest.mark.parametrize(
    "name", ["weights.pkl", "net.pt", "graph.onnx", "kernel.so", "code.py", "weights"]
)
def test_rejects_a_file_type_that_could_hold_code(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"x")
    change(folder, files={name: manifest_entry(b"x")})
    with pytest.raises(BundleRefused, match=name):
        Bundle.load(folder)


def test_rejects_an_onnx_graph_with_external_data_unread(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """External data of a graph can refer to any file on this machine."""
    onnx = pytest.importorskip("onnx")
    weights = onnx.numpy_helper.from_array(np.zeros((64, 64), np.float32), "weights")
    graph = onnx.helper.make_graph([], "stolen", [], [], [weights])
    model = onnx.helper.make_model(graph)
    onnx.save(
        model, folder / "net.onnx", save_as_external_data=True, location="secret", size_threshold=0
    )
    assert (folder / "secret").stat().st_size == 4 * 64 * 64
    change(folder, files={"net.onnx": manifest_entry((folder / "net.onnx").read_bytes())})
    opened: list[str] = []
    monkeypatch.setattr(
        bundle_module, "read_bounded", lambda path, limit: recording_read(opened, path, limit)
    )
    with pytest.raises(BundleRefused, match=r"net\.onnx"):
        Bundle.load(folder)
    assert opened == [MANIFEST]


def recording_read(opened: list[str], path: Path, limit: int) -> bytes:
    opened.append(path.name)
    return read_bounded(path, limit)


def test_a_named_pipe_does_not_block(folder: Path) -> None:
    (folder / "booster-any.ubj").unlink()
    os.mkfifo(folder / "booster-any.ubj")
    with pytest.raises(BundleRefused, match=r"booster-any\.ubj is no regular file"):
        Bundle.load(folder)


def test_rejects_endless_brackets(folder: Path) -> None:
    (folder / MANIFEST).write_text("[" * 200_000)
    with pytest.raises(BundleRefused, match="is no JSON"):
        Bundle.load(folder)


def test_rejects_too_many_files_before_reading_them(folder: Path) -> None:
    change(folder, files={f"{number}.ubj": manifest_entry(b"x") for number in range(65)})
    with pytest.raises(BundleRefused, match="lists 65 files; the most is 64"):
        Bundle.load(folder)
