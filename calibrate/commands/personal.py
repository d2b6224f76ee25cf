"""`calibrate personal`: enrol a person, and list, show or delete saved people."""

from __future__ import annotations

import argparse

from calibrate.people import enrol
from engines.bundle.bundle import DEFAULT_BUNDLE
from realtime.capture.factory import SourceSpec
from realtime.core.errors import UsageError
from realtime.person import saved_profile


def run(options: argparse.Namespace) -> None:
    """Enrol, list, show or delete a person."""
    actions = [options.name, options.show, options.delete, options.list or None]
    if sum(action is not None for action in actions) != 1:
        raise UsageError("want one of NAME, --list, --show NAME and --delete NAME")
    if options.list:
        print(
            "\n".join(saved_profile.saved_names())
            or f"no one saved in {saved_profile.people_folder()}"
        )
    elif options.show is not None:
        print("\n".join(enrol.lines(options.show, saved_profile.load(options.show))))
    elif options.delete is not None:
        saved_profile.delete(options.delete)
        print(f"{options.delete} is deleted")
    else:
        _enrol(options.name, options)


def _enrol(name: str, options: argparse.Namespace) -> None:
    path = saved_profile.path_of(name)
    saved_profile.check_writable()
    if path.exists():
        raise UsageError(f"{name} is saved already; first run calibrate personal --delete {name}")
    if options.recursive and not options.clips:
        raise UsageError("--recursive reads folders. Use it with --clips FOLDER")
    bundle, labelled = options.bundle or DEFAULT_BUNDLE, not options.unlabelled
    try:
        if options.clips:
            person = enrol.from_clips(options.clips, bundle, labelled, options.recursive)
        else:
            spec = SourceSpec(camera=options.camera, replay=options.replay)
            person = enrol.from_camera(spec, bundle, labelled)
    except KeyboardInterrupt:
        raise enrol.EnrolmentCancelled(
            "you left; nothing is saved. Run the same command to start again"
        ) from None
    saved_profile.save(name, person)
    print("\n".join([f"saved in {path}", *enrol.lines(name, person)]))
