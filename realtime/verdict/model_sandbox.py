"""Load a model of unknown origin in a subprocess: a crafted file can crash XGBoost's loader.

The gauge loads only files that loaded and predicted there without an error: a file that raises in
one process may crash another, whose memory differs. The packaged bundle is exempt: its sha256
matches the file under test.
"""

from __future__ import annotations

import re
import subprocess
import sys
from functools import lru_cache

from engines.errors import BundleRefused

LIMIT_S = 60.0  # importing XGBoost takes a second; a file that takes a minute is up to something
MEMORY_BYTES = 6 << 30  # of address space, most of which libraries map and never touch
CHILD = """
import sys
try:
    import numpy, xgboost
except ImportError:
    sys.exit()  # the gauge will meet it by itself, too
try:
    import resource
    allowed, wanted = resource.getrlimit(resource.RLIMIT_AS)[1], int(sys.argv[1])
    limit = wanted if allowed == resource.RLIM_INFINITY else min(wanted, allowed)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
except (ImportError, ValueError, OSError):
    pass  # not every system knows such a limit
raw, rng = bytearray(sys.stdin.buffer.read()), numpy.random.default_rng(0)
booster = xgboost.Booster({"nthread": 1})
booster.load_model(raw)
columns = min(int(booster.num_features()), 10_000)
for scale in (0.0, 0.1, 1.0, 10.0, 1e30):
    rows = (rng.normal(0, 1, (512, columns)) * scale).astype(numpy.float32)
    booster.inplace_predict(rows, predict_type="margin")
"""


@lru_cache(maxsize=64)
def sandbox_failure(model: bytes) -> str:
    """Return how loading or predicting with `model` fails, such as "signal 11", or ""."""
    command = [
        sys.executable,
        "-P",
        "-c",
        CHILD,
        str(MEMORY_BYTES),
    ]  # -P: no module from beside the bundle
    try:
        child = subprocess.run(command, input=model, timeout=LIMIT_S, capture_output=True)
    except subprocess.TimeoutExpired:
        return f"no answer within {LIMIT_S:g} s"
    if child.returncode < 0:
        return f"signal {-child.returncode}"
    return _raised(child.stderr.decode(errors="replace")) if child.returncode else ""


def check_model_in_sandbox(model: bytes, name: str) -> None:
    """Raise `BundleRefused` if loading or predicting fails in a subprocess (1-2 s)."""
    failure = sandbox_failure(model)
    if failure:
        raise BundleRefused(f"{name} cannot be used by XGBoost ({failure}); do not use this bundle")


def _raised(stderr: str) -> str:
    """Return the line of the traceback that names the exception."""
    named = [line for line in stderr.splitlines() if re.match(r"[\w.]+: ", line)]
    return f"{named[0]:.200}" if named else "no reason given"
