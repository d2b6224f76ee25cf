"""How soon each fault of a camera is noticed and got over, as a table: `python tests/faults/figures.py`.

On simulated time, so the figures are those of the design and not of a machine.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from watched import Gauge, picture

from realtime.core.messages import State
from realtime.testing.camera_faults import FAULTS, with_good_frames_around

BEFORE_S, BAD_S, AFTER_S = 3.0, 8.0, 5.5
END_S = BEFORE_S + BAD_S


def row(name: str) -> str:
    """One fault's figures: seconds to the first no_signal, and from its end to the first number; frames dropped."""
    gauge = Gauge(with_good_frames_around(FAULTS[name], picture, BAD_S, BEFORE_S, AFTER_S))
    said = [moment for moment in gauge.watch() if moment.verdict is not None]
    noticed_s = (
        next(m.at_s for m in said if m.at_s >= BEFORE_S and m.verdict.state is State.NO_SIGNAL)
        - BEFORE_S
    )
    back_s = (
        next(m.at_s for m in said if m.at_s >= END_S and m.verdict.state is not State.NO_SIGNAL)
        - END_S
    )
    number_s = (
        next(m.at_s for m in said if m.at_s >= END_S and m.verdict.p_genuine is not None) - END_S
    )
    dropped = (
        ", ".join(f"{reason} {count}" for reason, count in gauge.counts.dropped.items()) or "none"
    )
    return f"| {name} | {noticed_s:.2f} | {back_s:.2f} | {number_s:.2f} | {gauge.camera.reopened} | {dropped} |"


if __name__ == "__main__":
    print(
        "| fault, 8 s long | noticed after (s) | signal back after (s) | number after (s) | reopened | dropped |"
    )
    print("|---|---|---|---|---|---|")
    for fault in FAULTS:
        print(row(fault))
