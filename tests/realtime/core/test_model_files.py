from __future__ import annotations

import pytest

from engines.errors import GaugeError
from realtime.core import model_files
from realtime.core.model_files import model_file


@pytest.mark.parametrize(
    "name", ["shape_predictor_68_face_landmarks.dat", "dlib_face_recognition_resnet_model_v1.dat"]
)
def test_a_file_of_the_package_is_found(name: str) -> None:
    assert model_file(name, "file").name == name
    assert model_file(name, "file").is_file()


def test_a_missing_file_names_its_cure() -> None:
    with pytest.raises(GaugeError, match="pip install --force-reinstall"):
        model_file("no_such_file.dat", "file")


def test_a_missing_package_names_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "PACKAGE", "no_such_package")
    with pytest.raises(GaugeError, match=r"no package no_such_package\. Run `pip install"):
        model_file("any.dat", "file")
