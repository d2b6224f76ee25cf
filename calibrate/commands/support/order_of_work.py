"""What `calibrate` shows without a command."""

from __future__ import annotations

from collections.abc import Mapping

TRAINING = {  # a bundle from labelled clips: each step with an example
    "extract": "calibrate extract CLIPS -o tracks.npz",
    "report": "calibrate report --data tracks.npz --cross-validate 5 -o report",
    "learn": "calibrate learn tracks.npz -o learned",
    "features": "calibrate features learned tracks.npz -o features.npz",
    "boost": "calibrate boost learned features.npz --report report -o bundle",
    "emotions": "calibrate emotions tracks.npz --bundle bundle",
}
ALL = "calibrate all CLIPS -o bundle"


def overview(commands: Mapping[str, str]) -> str:
    """Return the order of the work, and the rest of `commands`, what each does by its name."""
    steps = [
        f"  {n}. {commands[name]}\n       {call}"
        for n, (name, call) in enumerate(TRAINING.items(), 1)
    ]
    others = [f"  {name:<10} {text}" for name, text in commands.items() if name not in TRAINING]
    return "\n".join(
        [
            "From labelled clips (a folder with labels.csv and clips/) to a bundle:",
            "",
            *steps,
            "",
            f"All of these in one: {ALL}",
            "",
            "Then: realtime --bundle bundle",
            "",
            "On their own:",
            "",
            *others,
            "",
            "`calibrate COMMAND --help` shows the options of a command.",
        ]
    )
