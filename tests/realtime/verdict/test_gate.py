from dataclasses import replace

import numpy as np
import pytest

from realtime.core.messages import BoxSource, Face, Showing, State, Tick, ViewQuality, Window
from realtime.verdict.gate import Gate

GATE = Gate(
    sharpness_min=20,
    brightness_min=40,
    brightness_max=220,
    yaw_max=0.5,
    onset_threshold=0.3,
    offset_threshold=0.2,
)
GOOD = Tick(
    at_s=1.0,
    frame=30,
    read_at_s=1.0,
    face=Face((10, 10, 100, 100), 20.0, BoxSource.MOSSE),
    quality=ViewQuality(sharpness=100, brightness=120, yaw=0.0),
    window=Window(np.zeros((24, 80), np.float32), 0.0, 1.0),
    intensity=0.5,
)


def test_a_good_view_of_an_expression_passes() -> None:
    assert GATE.refuse(GOOD, expressing=False) is None


@pytest.mark.parametrize(
    ("tick", "state", "words"),
    [
        (replace(GOOD, signal=False), State.NO_SIGNAL, "no frame"),
        (replace(GOOD, face=None, quality=None), State.NO_FACE, "no face"),
        (
            replace(GOOD, quality=None),
            State.POOR_VIEW,
            "the points fit no face: is a hand in front of it",
        ),
        (
            replace(GOOD, quality=ViewQuality(100, 30, 0)),
            State.POOR_VIEW,
            "too dark (brightness 30, want 40)",
        ),
        (replace(GOOD, quality=ViewQuality(100, 230, 0)), State.POOR_VIEW, "too bright"),
        (
            replace(GOOD, quality=ViewQuality(5, 120, 0)),
            State.POOR_VIEW,
            "blurred (sharpness 5, want 20)",
        ),
        (
            replace(GOOD, quality=ViewQuality(100, 120, -0.7)),
            State.POOR_VIEW,
            "head turned away (yaw -0.70",
        ),
        (
            replace(GOOD, quality=ViewQuality(100, 120, 0, roll_deg=-52.0)),
            State.POOR_VIEW,
            "head tilted to a shoulder (roll -52°, want within 45°)",
        ),
        (replace(GOOD, quality=ViewQuality(100, 120, 0, 46.0)), State.POOR_VIEW, "roll +46°"),
        (replace(GOOD, quality=ViewQuality(100, 120, 0, 180.0)), State.POOR_VIEW, "roll +180°"),
        (
            replace(GOOD, face=Face((10, 10, 100, 100), 7.9, BoxSource.MOSSE)),
            State.POOR_VIEW,
            "the face is partly hidden or moves too fast (psr 7.9, want 8.0)",
        ),
        (replace(GOOD, window=None), State.WARMING_UP, "long enough"),
        (replace(GOOD, intensity=0.1), State.NEUTRAL, "no expression"),
    ],
)
def test_what_cannot_be_judged_is_refused_with_its_reason(
    tick: Tick, state: State, words: str
) -> None:
    refused = GATE.refuse(tick, expressing=False)
    assert refused is not None
    assert refused[0] is state
    assert words in refused[1]


def test_poor_quality_is_named_before_a_low_psr() -> None:
    assert "too dark" in GATE.poor_view(ViewQuality(100, 30, 0), 3.0)
    assert "psr 3.0, want 12.0" in replace(GATE, psr_min=12.0).poor_view(
        ViewQuality(100, 120, 0), 3.0
    )
    assert GATE.poor_view(ViewQuality(100, 120, 0), 8.0) == ""


@pytest.mark.parametrize("roll_deg", [-45.0, -20.0, 40.0])
def test_a_roll_that_is_undone_is_no_poor_view(roll_deg: float) -> None:
    assert GATE.poor_view(ViewQuality(100, 120, 0, roll_deg), 8.0) == ""


def test_without_a_face_the_smallest_size_is_named() -> None:
    refused = GATE.refuse(replace(GOOD, face=None, quality=None), expressing=False)
    assert refused is not None
    assert "one below 8 % of the picture's height or width is too small" in refused[1]


def test_an_expression_continues_down_to_the_offset_threshold() -> None:
    fading = replace(GOOD, intensity=0.25)
    assert GATE.refuse(fading, expressing=True) is None
    refused = GATE.refuse(fading, expressing=False)
    assert refused is not None
    assert refused[0] is State.NEUTRAL


def test_a_silent_source_is_named_before_everything_else() -> None:
    refused = GATE.refuse(
        replace(GOOD, signal=False, quality=ViewQuality(0, 0, 1)), expressing=True
    )
    assert refused is not None
    assert refused[0] is State.NO_SIGNAL


def test_an_offset_threshold_above_the_onset_threshold_is_refused() -> None:
    with pytest.raises(ValueError, match="offset_threshold"):
        Gate(20, 40, 220, 0.5, onset_threshold=0.2, offset_threshold=0.3)


STILL = replace(GOOD, intensity=0.0)


@pytest.mark.parametrize(
    ("showing", "known", "state", "words"),
    [
        (None, True, State.NEUTRAL, "no expression"),
        (Showing.REST, True, State.NEUTRAL, "no expression"),
        (Showing.REST, False, State.NEUTRAL, "no expression"),
        (Showing.UNCLEAR, False, State.UNCERTAIN, "your neutral face is not known yet"),
        (Showing.UNCLEAR, True, State.UNCERTAIN, "too faint to judge"),
    ],
)
def test_a_still_face_is_neutral_only_where_the_read_out_sees_none(
    showing: Showing | None, known: bool, state: State, words: str
) -> None:
    tick = replace(STILL, showing=showing, neutral_known=known)
    for expressing in (False, True):
        refusal = GATE.refuse(tick, expressing)
        assert refusal is not None
        assert (refusal[0], words in refusal[1]) == (state, True)


@pytest.mark.parametrize("known", [False, True])
def test_a_held_expression_is_judged_without_movement(known: bool) -> None:
    tick = replace(STILL, showing=Showing.EXPRESSION, neutral_known=known)
    assert GATE.refuse(tick, expressing=False) is None


@pytest.mark.parametrize("showing", [*Showing, None])
def test_movement_away_from_a_known_neutral_is_judged(showing: Showing | None) -> None:
    assert GATE.refuse(replace(GOOD, showing=showing), expressing=False) is None


def test_movement_means_nothing_before_the_neutral_is_known() -> None:
    tick = replace(GOOD, showing=Showing.UNCLEAR, neutral_known=False)
    assert GATE.refuse(tick, expressing=True) is not None
