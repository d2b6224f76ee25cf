"""A person's profile: what the gauge says of someone it knows, and of the same one as a stranger.

    calibrate personal NAME            saves a profile, once, with the person's consent
    python examples/person_profile.py NAME [VIDEO ...] [--emotion NAME]

NAME may also be the path of a profile. Without a video it takes the packaged demo clip.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

import realtime

DEMO = Path(realtime.__file__).parent / "capture" / "demo.mp4"


def scores(videos: list[Path], emotion: str, person: str | None) -> pd.Series[float]:
    """Return the probability of genuine over each whole video; missing where nothing was judged."""
    table = pd.json_normalize(realtime.score(videos, emotion, person=person))
    number = f"emotions.{emotion}.p_genuine"
    for file, error in table.loc[table["error"] != "", ["file", "error"]].to_numpy():
        print(f"{file} is left out: {error}")
    return table.set_index("file").reindex(columns=[number])[number]


def main() -> None:
    """Read the command line and print the readings."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("person")
    parser.add_argument("videos", nargs="*", type=Path, default=[DEMO])
    parser.add_argument("--emotion", default="surprise")
    options = parser.parse_args()

    try:
        known = scores(options.videos, options.emotion, options.person)
    except realtime.UsageError as error:  # no such profile
        raise SystemExit(f"person_profile: {error}") from error
    stranger = scores(options.videos, options.emotion, None)
    print(pd.DataFrame({"known": known, "stranger": stranger}).round(3).to_string())


if __name__ == "__main__":
    main()
