import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from engines.bundle import bundle as bundle_module
from engines.bundle.bundle import ARRAYS, DEFAULT_BUNDLE, MANIFEST, MAX_FILE_BYTES, Bundle
from engines.bundle.checksums import CHECKSUM_FILE, verify_checksums, write_checksums
from engines.bundle.safe_read import read_bounded
from engines.errors import BundleRefused


def listed(raw: bytes) -> dict[str, object]:
    return {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}


@pytest.fixture
def made(tmp_path: Path) -> Path:
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
        "files": {ARRAYS: listed(weights), "booster-any.ubj": listed(b"trees")},
    }
    (tmp_path / ARRAYS).write_bytes(weights)
    (tmp_path / "booster-any.ubj").write_bytes(b"trees")
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    return tmp_path


def change(made: Path, **values: object) -> None:
    manifest = json.loads((made / MANIFEST).read_text()) | values
    (made / MANIFEST).write_text(json.dumps(manifest))


def test_a_whole_bundle_gives_each_network_its_own_weights(made: Path) -> None:
    bundle = Bundle.load(made)
    network = bundle.network("any")
    assert list(network.weights) == ["output.bias"]
    np.testing.assert_array_equal(network.weights["output.bias"], np.arange(80))
    assert (network.shape.hidden, network.rule.lengths) == (8, (2.0, 1.0))
    assert bundle.networks == ("any", "sad")
    assert bundle.file("booster-any.ubj") == b"trees"


def test_the_manifests_sha256_names_the_bundle(made: Path) -> None:
    before = Bundle.load(made).sha256
    assert before == hashlib.sha256((made / MANIFEST).read_bytes()).hexdigest()
    change(made, name="another")
    assert Bundle.load(made).sha256 != before


@pytest.mark.parametrize("name", [ARRAYS, "booster-any.ubj"])
@pytest.mark.parametrize("place", [0, -1])
def test_a_changed_byte_is_refused_by_name(made: Path, name: str, place: int) -> None:
    raw = bytearray((made / name).read_bytes())
    raw[place] ^= 1
    (made / name).write_bytes(raw)
    with pytest.raises(BundleRefused, match=name):
        Bundle.load(made)


def test_a_longer_file_is_refused_without_reading_it_all(made: Path) -> None:
    with (made / "booster-any.ubj").open("ab") as file:
        file.truncate(1 << 30)  # sparse: a bomb that takes no disk
    with pytest.raises(BundleRefused, match="larger than 5 bytes"):
        Bundle.load(made)


def test_a_file_that_changed_after_loading_is_refused_when_it_is_used(made: Path) -> None:
    bundle = Bundle.load(made)
    (made / "booster-any.ubj").write_bytes(b"treez")
    with pytest.raises(BundleRefused, match="differs"):
        bundle.file("booster-any.ubj")


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/b", "..", ""])
def test_a_path_out_of_the_folder_is_refused(made: Path, name: str) -> None:
    change(made, files={name: listed(b"x")})
    with pytest.raises(BundleRefused, match="outside its folder"):
        Bundle.load(made)


def test_an_absurd_size_is_refused_before_reading(made: Path) -> None:
    change(made, files={ARRAYS: {"bytes": MAX_FILE_BYTES + 1, "sha256": "0"}})
    with pytest.raises(BundleRefused, match="the most is"):
        Bundle.load(made)


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"format": 2}', "\x80"])
def test_a_manifest_that_is_none_is_refused(made: Path, text: str) -> None:
    (made / MANIFEST).write_bytes(text.encode("latin-1"))
    with pytest.raises(BundleRefused, match=MANIFEST):
        Bundle.load(made)


def test_a_missing_folder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BundleRefused, match="cannot be read"):
        Bundle.load(tmp_path / "nowhere")


def test_weights_that_are_no_safetensors_are_refused(made: Path) -> None:
    raw = b"\x80\x04pickle"
    (made / ARRAYS).write_bytes(raw)
    change(made, files={ARRAYS: listed(raw)})
    with pytest.raises(BundleRefused, match="no safetensors"):
        Bundle.load(made)


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
            "own",
        ),
        ({"networks": {}}, "any"),
    ],
)
def test_what_is_wrong_in_the_manifest_is_named(
    made: Path, values: dict[str, object], named: str
) -> None:
    change(made, **values)
    with pytest.raises(BundleRefused, match=named):
        Bundle.load(made).network("any")


def test_the_packaged_bundle_is_whole_and_small() -> None:
    bundle = Bundle.load(DEFAULT_BUNDLE)
    assert {"anger", "disgust", "fear", "happiness", "sadness", "surprise", "any"} <= set(
        bundle.emotions
    )
    assert sum(path.stat().st_size for path in DEFAULT_BUNDLE.iterdir()) <= 20e6
    for name in bundle.networks:
        assert bundle.network(name).weights


def test_an_array_is_asked_for_by_name(made: Path) -> None:
    np.testing.assert_array_equal(Bundle.load(made).array("any/output.bias"), np.arange(80))
    with pytest.raises(BundleRefused, match="population/neutral is missing"):
        Bundle.load(made).array("population/neutral")


def test_a_sealed_bundle_whose_manifest_changed_is_refused_by_name(made: Path) -> None:
    (made / "MODEL_CARD.md").write_text("what it can do\n")
    write_checksums(made)
    Bundle.load(made)
    change(made, name="another")
    with pytest.raises(BundleRefused, match=r"bundle\.json differs from its seal"):
        Bundle.load(made)
    write_checksums(made)
    (made / "MODEL_CARD.md").write_text("what it can d0\n")
    with pytest.raises(BundleRefused, match=r"MODEL_CARD\.md differs from its seal"):
        Bundle.load(made)


def test_what_is_no_bundle_is_not_sealed(tmp_path: Path) -> None:
    with pytest.raises(BundleRefused, match=r"holds no bundle\.json"):
        write_checksums(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_changed_byte_of_the_seal_is_refused_by_name(made: Path) -> None:
    write_checksums(made)
    whole = (made / CHECKSUM_FILE).read_bytes()
    for place in range(len(whole)):
        (made / CHECKSUM_FILE).write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(BundleRefused, match=r"bundle\.sha256"):
            Bundle.load(made)


@pytest.mark.parametrize(
    "name", ["weights.pkl", "net.pt", "graph.onnx", "kernel.so", "code.py", "weights"]
)
def test_a_file_that_could_hold_code_is_refused_by_name(made: Path, name: str) -> None:
    (made / name).write_bytes(b"x")
    change(made, files={name: listed(b"x")})
    with pytest.raises(BundleRefused, match=name):
        Bundle.load(made)


def test_an_onnx_graph_with_external_data_is_refused_by_name_and_neither_file_is_read(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such a graph names a file of its maker's choice, to be read from wherever it lies."""
    onnx = pytest.importorskip("onnx")
    weights = onnx.numpy_helper.from_array(np.zeros((64, 64), np.float32), "weights")
    graph = onnx.helper.make_graph([], "stolen", [], [], [weights])
    model = onnx.helper.make_model(graph)
    onnx.save(
        model, made / "net.onnx", save_as_external_data=True, location="secret", size_threshold=0
    )
    assert (made / "secret").stat().st_size == 4 * 64 * 64
    change(made, files={"net.onnx": listed((made / "net.onnx").read_bytes())})
    opened: list[str] = []
    monkeypatch.setattr(
        bundle_module, "read_bounded", lambda path, limit: read_noting(opened, path, limit)
    )
    with pytest.raises(BundleRefused, match=r"net\.onnx"):
        Bundle.load(made)
    assert opened == [MANIFEST]


def read_noting(opened: list[str], path: Path, limit: int) -> bytes:
    opened.append(path.name)
    return read_bounded(path, limit)


def test_a_pipe_in_place_of_a_file_does_not_make_us_wait(made: Path) -> None:
    (made / "booster-any.ubj").unlink()
    os.mkfifo(made / "booster-any.ubj")
    with pytest.raises(BundleRefused, match=r"booster-any\.ubj is no plain file"):
        Bundle.load(made)


def test_brackets_without_end_are_refused(made: Path) -> None:
    (made / MANIFEST).write_text("[" * 200_000)
    with pytest.raises(BundleRefused, match="is no JSON"):
        Bundle.load(made)


def test_too_many_files_are_refused_before_they_are_read(made: Path) -> None:
    change(made, files={f"{number}.ubj": listed(b"x") for number in range(65)})
    with pytest.raises(BundleRefused, match="lists 65 files; the most is 64"):
        Bundle.load(made)


def test_the_packaged_bundle_is_sealed() -> None:
    assert (DEFAULT_BUNDLE / CHECKSUM_FILE).exists()
    verify_checksums(DEFAULT_BUNDLE)
