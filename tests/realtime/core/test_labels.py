"""Labels are keys of bundles and records: another spelling would make both unreadable."""

from __future__ import annotations

from engines.bundle.bundle import Bundle
from realtime.core.labels import ALL, ANY, AUTO, FAKE, GENUINE, LABELS
from realtime.verdict.emotion_fit import emotion_of


def test_the_packaged_bundle_has_a_prototype_of_each_label(bundle: Bundle) -> None:
    for network in bundle.manifest.texts("prototypes"):
        shapes = {label: bundle.array(f"prototype/{network}/{label}").shape for label in LABELS}
        assert shapes == {GENUINE: (64,), FAKE: (64,)}


def test_any_is_an_emotion_of_the_packaged_bundle_with_an_ensemble(bundle: Bundle) -> None:
    networks = bundle.manifest.section("emotions").section(ANY).texts("networks")
    assert len(networks) > 1
    assert {emotion_of(network) for network in networks} == {ANY}


def test_all_and_auto_are_no_emotions_of_a_bundle(bundle: Bundle) -> None:
    assert not {ALL, AUTO} & {*bundle.emotions, *bundle.networks}
