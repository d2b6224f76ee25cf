"""The picture of a reading says what the gauge says, in every state."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from realtime.api.reading import reading_of
from realtime.api.reading_svg import LEFT, LONGEST, RIGHT, draw_reading
from realtime.core.messages import State, Verdict
from realtime.view.phrases import FAKE_HEX, GENUINE_HEX

SVG = "{http://www.w3.org/2000/svg}"
POINTS = np.random.default_rng(0).uniform(100, 300, (40, 2)).astype(np.float32)


def verdict(state: State, p_genuine: float | None = None, **more) -> Verdict:
    reason = "" if p_genuine is not None else more.pop("reason", "nobody <there> & gone")
    return Verdict(1.5, 45, "surprise", state, p_genuine, reason, 1.0, **more)


def drawn(one: Verdict) -> ElementTree.Element:
    return ElementTree.fromstring(draw_reading(one))


def texts(one: Verdict) -> list[str]:
    return [element.text or "" for element in drawn(one).iter(f"{SVG}text")]


@pytest.mark.parametrize("state", list(State))
def test_every_state_is_well_formed_and_says_itself(state: State) -> None:
    one = verdict(state, 0.7 if state.has_number else None, points_px=POINTS)
    (title,) = drawn(one).iter(f"{SVG}title")
    assert (title.text or "").startswith("surprise at 1.50 s: ")
    assert any(words.strip() for words in texts(one)[3:])
    assert len(list(drawn(one).iter(f"{SVG}polyline"))) == 7


@pytest.mark.parametrize(
    ("p_genuine", "hue"),
    [(0.0, FAKE_HEX), (0.31, FAKE_HEX), (0.9, GENUINE_HEX), (1.0, GENUINE_HEX)],
)
def test_the_needle_stands_at_the_probability_in_the_colour_of_its_side(
    p_genuine: float, hue: str
) -> None:
    one = verdict(State.SETTLED, p_genuine)
    (needle,) = drawn(one).iter(f"{SVG}path")
    x = float(needle.attrib["d"].split()[0].removeprefix("M"))
    assert x == pytest.approx(LEFT + p_genuine * (RIGHT - LEFT), abs=0.1)
    assert needle.attrib["fill"] == hue
    assert f"{100 * p_genuine:.0f} % genuine" in " ".join(texts(one))


def test_without_a_number_there_is_no_needle_and_without_a_face_no_outline() -> None:
    picture = drawn(verdict(State.NO_FACE))
    assert not list(picture.iter(f"{SVG}path"))
    assert not list(picture.iter(f"{SVG}polyline"))


def test_long_reasons_are_cut_in_the_picture_and_whole_in_the_title() -> None:
    one = verdict(State.POOR_VIEW, reason="much too long " * 20)
    assert max(map(len, texts(one))) == LONGEST
    (title,) = drawn(one).iter(f"{SVG}title")
    assert (title.text or "").count("much too long") == 20


def test_a_notebook_finds_it() -> None:
    one = verdict(State.SETTLED, 0.4)
    assert reading_of(one)._repr_svg_() == draw_reading(one)
