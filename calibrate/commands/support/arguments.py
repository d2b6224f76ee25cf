"""Arguments that several commands of `calibrate` have in common."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

BUNDLE = "the bundle to use (default: the packaged one)"
ALL_CORES = os.cpu_count() or 1


def add_tracks(command: argparse.ArgumentParser) -> None:
    """Add the tracks file, an input."""
    command.add_argument("tracks", type=Path, help="the file that calibrate extract wrote")


def add_learned(command: argparse.ArgumentParser) -> None:
    """Add the folder of networks, an input."""
    command.add_argument("learned", type=Path, help="the folder that calibrate learn wrote")


def add_out(command: argparse.ArgumentParser, text: str) -> None:
    """Add the output, described by `text`."""
    command.add_argument("-o", "--out", type=Path, required=True, help=text)


def add_jobs(command: argparse.ArgumentParser, unit: str) -> None:
    """Add how many of `unit` are worked on at a time."""
    command.add_argument(
        "--jobs", type=int, default=ALL_CORES, help=f"parallel {unit} (default: all cores)"
    )


def add_cluster(command: argparse.ArgumentParser) -> None:
    """Add where else than in jobs of this machine the work may be done."""
    command.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="work on N Dask workers: started here, or those of --scheduler, once there are N",
    )
    command.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="work on the cluster of this Dask scheduler, such as tcp://host:8786",
    )


def add_seed(command: argparse.ArgumentParser) -> None:
    """Add the seed of everything random."""
    command.add_argument(
        "--seed", type=int, default=0, help="same seed and machine, same bytes (default: 0)"
    )


def add_known(command: argparse.ArgumentParser) -> None:
    """Add how many other clips of a person the report's headline knows."""
    command.add_argument(
        "--known",
        type=int,
        default=10,
        help="other unlabelled clips of each person that the gauge has seen (default: 10)",
    )


def add_training(command: argparse.ArgumentParser) -> None:
    """Add what decides the training of networks."""
    command.add_argument(
        "--preset", choices=("live", "paper"), default="live", help="network size (default: live)"
    )
    command.add_argument(
        "--epochs", type=int, help="epochs of each network (default: the preset's)"
    )
    command.add_argument(
        "--landmarks-only",
        action="store_true",
        help="learn from the landmarks alone, as in the paper (default: with the appearance, if the"
        " tracks hold it)",
    )
    command.add_argument(
        "--held-out-folds",
        type=int,
        metavar="N",
        help="extra networks, each trained without one fold of people, for out-of-fold features",
    )
    add_seed(command)


def add_provenance(command: argparse.ArgumentParser) -> None:
    """Add what manifest and model card state of the training data."""
    command.add_argument(
        "--data-name", metavar="TEXT", help="name of the training data, for the model card"
    )
    command.add_argument("--data-source", metavar="TEXT", help="where the data comes from")
    command.add_argument("--data-terms", metavar="TEXT", help="terms of use of the data")
    command.add_argument(
        "--data-recording", metavar="TEXT", help="how genuine and fake clips were recorded"
    )


def add_manifest_words(command: argparse.ArgumentParser) -> None:
    """Add names of columns and words for labels."""
    command.add_argument(
        "--columns", metavar="OURS=THEIRS,...", help="columns of a manifest: clip=filename,..."
    )
    command.add_argument(
        "--labels", metavar="LABEL=WORDS,...", help="words for labels: genuine=felt,fake=posed"
    )
