from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

DOUBLE = "import os\ntelemetry = os.environ.get('ORT_DISABLE_TELEMETRY')\n"


def test_telemetry_is_disabled_before_onnx_runtime_is_imported(tmp_path: Path) -> None:
    """A double in place of ONNX Runtime notes the variable as it is imported."""
    (tmp_path / "onnxruntime.py").write_text(DOUBLE)
    code = "from engines.onnxrt.runtime import ort; print(ort.__file__, ort.telemetry)"
    environment = {
        name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"
    }
    places = os.pathsep.join((str(tmp_path), str(Path(__file__).parents[3])))
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | {"PYTHONPATH": places},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.split() == [str(tmp_path / "onnxruntime.py"), "1"]
