"""Print how soon each camera fault is detected and recovered: `python tests/faults/figures.py`.

Time is simulated, so the figures do not depend on the machine.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from simulated_run import SimulatedRun, picture

from realtime.core.messages import State
from realtime.testing.camera_faults import FAULTS, with_good_frames_around

BEFORE_S, BAD_S, AFTER_S = 3.0, 8.0, 5.5
END_S = BEFORE_S + BAD_S


def row(name: str) -> str:
    """Return one row of docs/RELIABILITY.md: seconds to the first no_signal and to recovery."""
    script = with_good_frames_around(FAULTS[name], picture, BAD_S, BEFORE_S, AFTER_S)
    run = SimulatedRun(script)
    moments = [moment for moment in run.run() if moment.verdict is not None]
    states = [(moment.at_s, moment.verdict) for moment in moments]
    after = [(at_s - END_S, verdict) for at_s, verdict in states if at_s >= END_S]
    lost_s = next(t for t, v in states if t >= BEFORE_S and v.state is State.NO_SIGNAL) - BEFORE_S
    signal_s = next(t for t, v in after if v.state is not State.NO_SIGNAL)
    number_s = next(t for t, v in after if v.p_genuine is not None)
    dropped = ", ".join(f"{reason} {count}" for reason, count in run.counts.dropped.items())
    times = " | ".join(f"{seconds:.2f}" for seconds in (lost_s, signal_s, number_s))
    return f"| {name} | {times} | {run.camera.reopened} | {dropped or 'none'} |"


if __name__ == "__main__":
    print(
        "| fault, 8 s long | detected after (s) | signal back after (s) | number after (s) ", end=""
    )
    print("| reopened | dropped |")
    print("|---|---|---|---|---|---|")
    for fault in FAULTS:
        print(row(fault))
