"""Who is expected in front of the gauge, and what a run learned of them: only a person who was saved by name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from realtime import saved as file
from realtime.config import Config
from realtime.errors import UsageError
from realtime.saved import Saved

if TYPE_CHECKING:
    from realtime.pipeline import Pipeline


def expected(name: str | None, learn: bool) -> Saved | None:
    """The saved person of that name; raises `UsageError` for nobody of that name, or for --learn without one."""
    if name is None:
        if learn:
            raise UsageError("--learn needs a person to learn of; use it with --person NAME")
        return None
    return file.load(name)


def learn(config: Config, saved: Saved | None, bundle_sha256: str, pipeline: Pipeline) -> str:
    """Save what the run learned of the person, where that was asked, and say so; once the threads are joined."""
    if saved is None or config.person is None or not config.learn:
        return ""
    person, (level, level_clips) = pipeline.known()
    known = person.known()
    if not person.expected or known is None:
        return f"nothing was learned of {config.person}: at the end somebody else was in front"
    if not person.sure:
        return f"nothing was learned of {config.person}: too little was seen to be sure that it was they"
    learned = replace(saved, known=known, level=level, level_clips=level_clips)
    if saved.bundle_sha256 != bundle_sha256:  # its level and map are on another scale
        learned = replace(learned, bundle_sha256=bundle_sha256, own=None, labelled=0)
    file.save(config.person, learned)
    return f"{config.person} is now known by {known.expressions:.0f} expressions"
