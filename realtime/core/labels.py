"""Labels of the two classes, and values of `--emotion` that are not emotions."""

from __future__ import annotations

GENUINE, FAKE = "genuine", "fake"
LABELS = (GENUINE, FAKE)  # in the order of the class-mean PBs

ANY = "any"  # trained on every emotion; also the prefix of its ensemble's networks
ALL = "all"  # a reading of every emotion at once
AUTO = "auto"  # follows the emotion that fits the movement best

# What fits the landmarks: our compiled kernel, or dlib itself, which gives the same points.
KERNEL, DLIB = "kernel", "dlib"
