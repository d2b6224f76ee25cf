"""--person and --learn: load the expected person's profile, update it from the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from realtime.app.options import Options
from realtime.core.errors import SavedPersonError, UsageError
from realtime.person import saved_profile
from realtime.person.saved_profile import SavedPerson

if TYPE_CHECKING:
    from realtime.app.prepare import PreparedRun
    from realtime.person.tracker import PersonTracker
    from realtime.runtime.pipeline import Pipeline


def load_expected(name: str | None, learn: bool) -> SavedPerson | None:
    """Load the profile saved as `name`; raises `UsageError` without one, and for a lone --learn."""
    if name is None:
        if learn:
            raise UsageError("--learn updates a saved person; use it with --person NAME")
        return None
    return saved_profile.load(name)


def other_bundle_note(run: PreparedRun) -> str:
    """Return a note where the profile comes from another bundle; empty otherwise."""
    saved = run.gauge.expected_person
    if saved is None or saved.bundle_sha256 == run.gauge.bundle.sha256:
        return ""
    name = run.options.person
    return f"{name} was saved with another bundle: person bias and personal offset are not used"


def enrol_again_note(run: PreparedRun) -> str:
    """Return a note where the profile is of a version without faces; empty otherwise."""
    saved, name = run.gauge.expected_person, run.options.person
    if saved is None or saved.face is not None:
        return ""
    commands = f"calibrate personal --delete {name}, then calibrate personal {name}"
    return f"{name} was saved without a face descriptor and cannot be recognised: {commands}"


def update_profile(run: PreparedRun, pipeline: Pipeline, stuck: Sequence[str] = ()) -> str:
    """With --learn, save the confirmed stats of the run; return a line that says so or why not.

    Call it after `stop`. Nothing is saved while a `stuck` thread may still change the stats.
    """
    saved, name = run.gauge.expected_person, run.options.person
    if saved is None or name is None or not run.options.learn:
        return ""
    if stuck:
        return f"{name}'s profile was not updated: {', '.join(stuck)} did not end"
    person, (bias, bias_clips) = pipeline.person_and_bias()
    stats = person.confirmed_stats
    if stats is None or stats is saved.stats:
        return f"{name}'s profile was not updated: {_why_not(person)}"
    updated = replace(saved, stats=stats, face=person.expected_face)
    if saved.bundle_sha256 == run.gauge.bundle.sha256:  # a bias is on the scale of its bundle
        updated = replace(updated, bias=bias, bias_clips=bias_clips)
    try:
        saved_profile.save(name, updated)
    except SavedPersonError as error:  # the run's summary and its own failure still follow
        return str(error)
    return f"{name}'s profile was updated; it now holds {stats.expressions:.0f} expressions"


def person_change_note(options: Options, pipeline: Pipeline, stuck: Sequence[str] = ()) -> str:
    """Return a note where the run ended with another person than expected. Call it after `stop`."""
    if options.person is None or stuck:
        return ""
    person, _ = pipeline.person_and_bias()
    expected = person.is_expected or person.neutral_reset
    return "" if expected else f"the person at the end was not {options.person}"


def _why_not(person: PersonTracker) -> str:
    if not person.can_reidentify:
        return "it holds no face descriptor; enrol again"
    if person.neutral_reset:
        return "the neutral face was reset during the run"
    if person.is_expected:
        return "the person was not recognised for long enough"
    return "another person was in front of the camera"
