from dataclasses import replace

import pytest

from calibrate.evaluation.model_card import LANDMARKS, NOT_STATED, DataStatement, render_model_card

STATEMENT = DataStatement("Ours", "a paper.", "ask first", "in a shop", 3, ("anger", "fear"))


def test_the_card_holds_the_statement_and_the_landmarks() -> None:
    card = render_model_card({}, STATEMENT)
    for line in (
        "- Name: Ours. Source: a paper.\n",
        "- Terms: **ask first**.\n",
        "- Recording: in a shop.\n",
        "- 3 people; emotions: anger, fear. Contempt is missing",
        f"- Landmarks: {LANDMARKS}.\n",
        "Not measured",
    ):
        assert line in card


def test_contempt_is_only_missing_where_it_is() -> None:
    with_contempt = replace(STATEMENT, emotions=("anger", "contempt"))
    assert "Contempt is missing" not in render_model_card({}, with_contempt)


@pytest.mark.parametrize("name", ["name", "source", "terms", "recording"])
def test_what_is_not_stated_is_noted_with_its_option(name: str) -> None:
    (note,) = replace(STATEMENT, **{name: NOT_STATED}).notes()
    assert note.endswith(f"give --data-{name}")
    assert STATEMENT.notes() == []


def test_the_manifest_keeps_its_keys() -> None:
    assert {"name", "source", "terms", "landmarks"} <= set(STATEMENT.as_dict())


def test_confounds_and_the_learning_curve_are_stated_where_they_were_measured() -> None:
    points = [{"people": 4.0, "auc": 0.6, "auc_low": 0.5, "auc_high": 0.7}] * 2
    metrics = {
        **{key: {} for key in ("by_gender", "by_known", "by_emotion", "baselines")},
        **dict.fromkeys(("overall", "abstaining")),
        "folds": 5,
        "protocol": "live",
        "known_clips": 10,
    }
    assert "What else tells" not in render_model_card(metrics, STATEMENT)
    measured = metrics | {
        "confounds": {"length": 0.8},
        "learning_curve": {"points": points, "gain": 0.01, "gain_low": -0.1, "gain_high": 0.1},
    }
    card = render_model_card(measured, STATEMENT)
    assert "- the label is tied to length: " in card
    assert "- each doubling of people adds 0.010 (95 %: -0.100 to 0.100)\n" in card
