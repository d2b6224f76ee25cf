from __future__ import annotations

import re
from dataclasses import replace

import pytest
from rich.console import Console

from realtime.core.labels import ANY
from realtime.core.messages import State
from realtime.view import phrases
from realtime.view.phrases import FAKE_HEX, GENUINE_HEX
from realtime.view.terminal.emotion_rows import (
    best_fitting,
    likely_share,
    predicted_share,
    render_emotion_rows,
)
from realtime.view.terminal.plain_lines import PlainLines
from realtime.view.words.catalogue import TABLES, choose_language


def rows(verdict) -> list:
    readings = [
        ("any", State.JUDGING, 0.7, 0.1),
        ("anger", State.JUDGING, 0.2, 0.9),
        ("fear", State.UNCERTAIN, None, 0.4),
        ("disgust", State.OTHER_EMOTION, None, 1.3),
    ]
    return [
        replace(verdict(state, p), emotion=name, prediction_error=error)
        for name, state, p, error in readings
    ]


def test_each_emotion_has_a_row_with_its_reading_or_state(verdict) -> None:
    lines = [line.plain for line in render_emotion_rows(rows(verdict), 78, figures=True)]
    assert [line[1:11].strip() for line in lines] == ["any", "anger", "fear", "disgust"]
    for line, words in zip(
        lines, ("70 % genuine", "20 % genuine", "uncertain", "other emotion"), strict=True
    ):
        assert words in line
    shares = [line.split("predicts ")[1].removesuffix(" of the movement") for line in lines]
    assert shares == ["90 %", "10 %", "60 %", "0 %"]
    assert max(map(len, lines)) <= 78


def test_a_wide_row_has_the_reading_in_words(verdict) -> None:
    lines = [line.plain for line in render_emotion_rows(rows(verdict), 118)]
    assert "70 % genuine, leans genuine" in lines[0]
    assert "20 % genuine, looks fake" in lines[1]
    assert max(map(len, lines)) <= 118


def test_the_best_predicted_emotion_except_any_is_marked(verdict) -> None:
    assert [line.plain[0] for line in render_emotion_rows(rows(verdict), 78)] == [
        " ",
        " ",
        "▸",
        " ",
    ]


def with_probabilities(verdict) -> list:
    """Return the rows as with an emotion classifier, to which disgust is the likeliest."""
    shares = {"anger": 0.05, "fear": 0.1, "disgust": 0.85}
    return [replace(row, p_emotion=shares.get(row.emotion)) for row in rows(verdict)]


def test_a_row_says_how_likely_its_emotion_is_without_the_figures(verdict) -> None:
    lines = [line.plain for line in render_emotion_rows(with_probabilities(verdict), 78)]
    assert "likely" not in lines[0]
    for line, share in zip(lines[1:], ("5 %", "10 %", "85 %"), strict=True):
        assert line.endswith(f"{share} likely")
    assert max(map(len, lines)) <= 78


def test_the_figures_take_its_place(verdict) -> None:
    lines = render_emotion_rows(with_probabilities(verdict), 78, figures=True)
    assert not any("likely" in line.plain for line in lines)


def test_the_mark_weighs_prediction_error_and_probability(verdict) -> None:
    """The network of fear predicts best (0.4 against 1.3), and disgust is likelier."""
    marks = [line.plain[0] for line in render_emotion_rows(with_probabilities(verdict), 78)]
    assert marks == [" ", " ", " ", "▸"]


def test_an_emotion_without_a_probability_is_not_marked_beside_those_with_one(verdict) -> None:
    """A classifier may know fewer emotions than there are networks; `auto` leaves them out, too."""
    shown = [
        replace(row, p_emotion=0.02 if row.emotion == "disgust" else None) for row in rows(verdict)
    ]
    assert best_fitting(shown) == "disgust"
    assert best_fitting(rows(verdict)) == "fear"
    assert best_fitting([]) == ""


def test_the_bar_points_to_the_side_of_the_reading(verdict) -> None:
    genuine, fake, *_ = (
        line.plain[11:].split(" ")[0] for line in render_emotion_rows(rows(verdict), 78)
    )
    assert genuine.index("█") >= len(genuine) // 2 - 1
    assert fake.rindex("█") <= len(fake) // 2 + 1


def test_plain_lines_print_the_rows_below_the_verdict(snapshot, verdict) -> None:
    lines = list(PlainLines().lines(snapshot(rows=tuple(rows(verdict))), 0.0))
    assert len(lines) == 5
    assert "anger" in lines[2]
    assert "20 % genuine" in lines[2]


def test_the_bar_has_the_colour_of_the_reading_undimmed(verdict) -> None:
    console = Console()
    for row, colour in zip(
        render_emotion_rows(rows(verdict), 78), (GENUINE_HEX, FAKE_HEX), strict=False
    ):
        style = row.get_style_at_offset(console, row.plain.index("█"))
        assert style.color is not None
        assert (style.color.name, bool(style.dim)) == (colour, False)


def languages_and_figures() -> list[tuple[str, bool]]:
    return [(language, figures) for language in TABLES for figures in (False, True)]


@pytest.mark.parametrize(("language", "figures"), languages_and_figures())
@pytest.mark.parametrize("state", [None, *State])
@pytest.mark.parametrize("width", [78, 100])
def test_in_each_language_the_columns_keep_apart(
    verdict, language: str, figures: bool, state: State | None, width: int
) -> None:
    """The longest name and the longest state leave a blank before what follows."""
    choose_language(language, {})
    p = 1.0 if state is None or state.has_number else None
    shown = [
        replace(verdict(state or State.JUDGING, p), emotion=name, prediction_error=0.0, p_emotion=1)
        for name in (ANY, "contempt", "surprise", "happiness")
    ]
    narrow = p is not None and width < 100
    words = phrases.percent_genuine(1.0) if narrow else phrases.brief(shown[0])
    lines = [line.plain for line in render_emotion_rows(shown, width, figures=figures)]
    for line, row in zip(lines, shown, strict=True):
        note = predicted_share(row) if figures else likely_share(row)
        assert re.fullmatch(f".{phrases.emotion_name(row.emotion)} +[╌━█]+ {words} +{note}", line)
    assert len({re.search("[╌━█]", line).start() for line in lines}) == 1  # type: ignore[union-attr]
    assert max(map(len, lines)) <= width


def test_a_longer_name_of_a_bundle_widens_the_column_of_all(verdict) -> None:
    named = [replace(row, emotion="schadenfreude") for row in rows(verdict)[:1]]
    lines = [line.plain for line in render_emotion_rows([*named, *rows(verdict)], 78)]
    assert lines[0].startswith("▸schadenfreude ━")
    assert lines[1].startswith(" any           ━")
    assert max(map(len, lines)) <= 78
