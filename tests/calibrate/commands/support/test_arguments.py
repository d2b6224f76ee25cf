import argparse
from pathlib import Path

from calibrate.commands.support import arguments
from calibrate.evaluation.model_card import STATED


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    for add in (
        arguments.add_tracks,
        arguments.add_learned,
        arguments.add_seed,
        arguments.add_known,
        arguments.add_training,
        arguments.add_provenance,
        arguments.add_manifest_words,
    ):
        if add is not arguments.add_seed:  # a part of add_training
            add(parser)
    arguments.add_out(parser, "the file to write")
    arguments.add_jobs(parser, "clips")
    return parser.parse_args(["t.npz", "learned", *words])


def test_defaults() -> None:
    found = parsed("-o", "out")
    assert (found.tracks, found.learned, found.out) == (Path("t.npz"), Path("learned"), Path("out"))
    assert (found.seed, found.known, found.preset, found.epochs) == (0, 10, "live", None)
    assert found.jobs == arguments.ALL_CORES >= 1
    assert found.held_out_folds is None
    assert found.columns is None


def test_every_statement_of_the_data_has_its_option() -> None:
    words = [word for name in STATED for word in (f"--data-{name}", name.upper())]
    found = parsed("-o", "out", *words)
    assert [getattr(found, f"data_{name}") for name in STATED] == [n.upper() for n in STATED]
