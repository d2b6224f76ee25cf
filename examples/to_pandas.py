"""A file to pandas: a row for each reading, and a look at it.

    python examples/to_pandas.py [VIDEO] [--emotion NAME] [-o TABLE.csv]

Without a video it takes the packaged demo clip.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

import realtime

DEMO = Path(realtime.__file__).parent / "capture" / "demo.mp4"


def readings_table(video: Path, emotion: str) -> pd.DataFrame:
    """Return every reading of `video`, indexed by its time in seconds."""
    rows = [reading.row() for reading in realtime.watch(video, emotion=emotion)]
    return pd.DataFrame(rows).set_index("at_s").drop(columns=["type", "box_px", "place"])


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("video", nargs="?", type=Path, default=DEMO)
    parser.add_argument("--emotion", default="surprise")
    parser.add_argument("-o", "--output", type=Path, help="write the table to this CSV file, too")
    options = parser.parse_args()

    table = readings_table(options.video, options.emotion)
    print(table[["state", "p_genuine", "intensity", "age_ms"]].dropna().round(2).to_string())
    print()
    print(table.groupby("state")["frame"].count().rename("readings").to_string())
    if options.output:
        table.to_csv(options.output)


if __name__ == "__main__":
    main()
