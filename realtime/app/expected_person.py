"""Who is expected in front of the gauge, and what a run learned of them: only a person who was saved by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from realtime.app.options import Options
from realtime.core.errors import SavedPersonError, UsageError
from realtime.person import saved_profile as file
from realtime.person.saved_profile import SavedPerson

if TYPE_CHECKING:
    from realtime.person.tracker import PersonTracker
    from realtime.runtime.pipeline import Pipeline


def expected(name: str | None, learn: bool) -> SavedPerson | None:
    """The saved person of that name; raises `UsageError` for nobody of that name, or for --learn without one."""
    if name is None:
        if learn:
            raise UsageError("--learn needs a person to learn of; use it with --person NAME")
        return None
    return file.load(name)


def notice(name: str | None, saved: SavedPerson | None, bundle_sha256: str) -> str:
    """What of a saved person is of no use here, for people; empty where all is."""
    if saved is None or saved.bundle_sha256 == bundle_sha256:
        return ""
    return f"{name} was saved with another bundle: their usual score and own map are left aside"


def update_profile(
    config: Options,
    saved: SavedPerson | None,
    bundle_sha256: str,
    pipeline: Pipeline,
    stuck: Sequence[str] = (),
) -> str:
    """Save what the run learned of the person, where that was asked, and say so; once the threads are joined.

    A thread that is `stuck` may still be writing there: then nothing is saved.
    """
    if saved is None or config.person is None or not config.learn:
        return ""
    if stuck:
        return f"nothing was learned of {config.person}: {', '.join(stuck)} did not end"
    person, level = pipeline.person_and_bias()
    known = person.confirmed_stats
    if known is None or known is saved.stats:
        return f"nothing was learned of {config.person}: {_why_not(person)}"
    learned = replace(saved, stats=known)
    if saved.bundle_sha256 == bundle_sha256:  # the level is on that bundle's scale
        learned = replace(learned, bias=level[0], bias_clips=level[1])
    try:
        file.save(config.person, learned)
    except SavedPersonError as error:  # the run's summary and its own failure are still to be told
        return str(error)
    return f"{config.person} is now known by {known.expressions:.0f} expressions"


def person_change_note(config: Options, pipeline: Pipeline, stuck: Sequence[str] = ()) -> str:
    """That somebody else than was expected sat there at the end; once the threads are joined."""
    if config.person is None or stuck:
        return ""
    person, _ = pipeline.person_and_bias()
    return (
        f"at the end this was not {config.person}"
        if not (person.is_expected or person.neutral_reset)
        else ""
    )


def _why_not(person: PersonTracker) -> str:
    if not person.can_reidentify:
        return "this bundle cannot tell whether it was they"
    if person.neutral_reset:
        return "their neutral face was taken anew; what was saved is as it was"
    if person.is_expected:
        return "too little was seen to be sure that it was they"
    return "somebody else was in front"
