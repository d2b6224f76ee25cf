"""Text of the dial: it stays on the panel and does not overlap."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from realtime.core.messages import Cause, State
from realtime.core.snapshot import RunSetting, Snapshot
from realtime.view import phrases
from realtime.view.answers import better
from realtime.view.phrases import emotion_name
from realtime.view.window import dial
from realtime.view.words.catalogue import choose_language

WIDTH_PX = 640
NARROWEST_PX = 560
LONG = (
    "the picture comes so rarely, with 153 % of the time between two of them, that nothing can be "
    "judged, at most happiness"
)
AUTO = RunSetting("demo", "auto", "native", 1.0, 0.1)
EMOTIONS = ("any", "anger", "contempt", "happiness", "surprise")

Written = list[tuple[str, int, int]]  # text, first and last column


def written_text(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch, width_px: int = WIDTH_PX
) -> Written:
    """Return the texts of the dial with their columns."""
    written: Written = []

    def write(panel: np.ndarray, text: str, at: tuple[int, int], *how: object) -> None:
        size = how[1] if len(how) > 1 else 0.7
        written.append((text, at[0], at[0] + dial.text_width_px(text, size)))  # type: ignore[arg-type]

    monkeypatch.setattr(dial, "write_text", write)
    dial.draw_dial(np.zeros((dial.PANEL_PX, width_px, 3), np.uint8), snapshot)
    return written


def lines(reason: str, snapshot, verdict, monkeypatch: pytest.MonkeyPatch) -> Written:
    now = snapshot(verdict=verdict(State.POOR_VIEW, reason=reason))
    return written_text(now, monkeypatch)


def test_a_long_reason_takes_two_lines(snapshot, verdict, monkeypatch) -> None:
    written = lines(LONG, snapshot, verdict, monkeypatch)
    parts = [text for text, *_ in written if text in LONG and text != "happiness"]
    assert len(parts) == 2
    assert " ".join(parts) == LONG


@pytest.mark.parametrize("language", ["en", "de"])
def test_what_would_help_is_left_of_the_emotion(snapshot, verdict, monkeypatch, language) -> None:
    choose_language(language, {})
    for cause in Cause:
        now = snapshot(verdict=replace(verdict(State.POOR_VIEW, reason="for long"), cause=cause))
        written = written_text(now, monkeypatch, NARROWEST_PX)
        emotion_left = next(left for text, left, _ in written if text == emotion_name("happiness"))
        helps = [part for part in written if part[0] in better(now.verdict)]
        assert " ".join(text for text, *_ in helps) == better(now.verdict)
        assert all(right < emotion_left for *_, right in helps)


def test_a_percentage_is_not_wrapped(snapshot, verdict, monkeypatch) -> None:
    for length in range(20, 60):
        written = lines(f"{'x' * length} 151 %; happiness", snapshot, verdict, monkeypatch)
        assert not any(text.startswith("%") for text, *_ in written)


def test_a_short_reason_takes_one_line(snapshot, verdict, monkeypatch) -> None:
    assert [text for text, *_ in lines("too dark", snapshot, verdict, monkeypatch)].count(
        "too dark"
    ) == 1


def test_an_overlong_reason_is_cut_after_two_lines(snapshot, verdict, monkeypatch) -> None:
    written = lines("and so on " * 60, snapshot, verdict, monkeypatch)
    assert all(right <= WIDTH_PX for _, _, right in written)


@pytest.mark.parametrize("emotion", EMOTIONS)
@pytest.mark.parametrize("state", State)
def test_every_headline_fits_the_narrowest_panel(
    snapshot, verdict, monkeypatch, state: State, emotion: str
) -> None:
    p = 0.7 if state.has_number else None
    now = replace(verdict(state, p, reason="a reason"), emotion=emotion)
    written = written_text(snapshot(verdict=now, setting=AUTO), monkeypatch, NARROWEST_PX)
    assert max(right for *_, right in written) <= NARROWEST_PX
    assert min(left for _, left, _ in written) >= 0


@pytest.mark.parametrize(("followed", "corner"), [("fear", "fear (auto)"), ("auto", "auto")])
def test_the_corner_names_the_emotion_that_auto_follows(
    snapshot, verdict, monkeypatch, followed: str, corner: str
) -> None:
    now = replace(verdict(State.UNCERTAIN), emotion=followed)
    written = written_text(snapshot(verdict=now, setting=AUTO), monkeypatch)
    assert corner in [text for text, *_ in written]


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_key_of_guided_use_is_named_where_it_is_offered(
    snapshot, monkeypatch, language
) -> None:
    choose_language(language, {})
    plain, offered = (
        written_text(snapshot(guide_offered=each), monkeypatch, NARROWEST_PX)[-1]
        for each in (False, True)
    )
    assert phrases.key_meanings()[5][1] not in plain[0]
    assert "   ".join(f"{key} {meaning}" for key, meaning in phrases.key_meanings()) == offered[0]
    assert offered[2] < NARROWEST_PX
