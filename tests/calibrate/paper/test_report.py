"""Figures of a run: pairs as the paper scores them, and single clips."""

import numpy as np
import pytest

from calibrate.metrics import Scored
from calibrate.paper.report import TABLE_2, TABLE_3, _figures, lines


def scores(*rows: tuple[str, str, bool, float]) -> Scored:
    subject, emotion, genuine, p_genuine = zip(*rows, strict=True)
    return Scored(np.array(p_genuine), np.array(genuine), np.array(subject), np.array(emotion))


@pytest.fixture(scope="module")
def of() -> Scored:
    """Return three complete pairs, of which the middle one is wrong, and a single clip."""
    return scores(
        ("1", "anger", True, 0.9),
        ("1", "anger", False, 0.8),
        ("1", "sadness", True, 0.1),
        ("1", "sadness", False, 0.2),
        ("2", "anger", True, 0.45),
        ("2", "anger", False, 0.4),
        ("2", "sadness", True, 0.7),
    )


def test_the_clip_of_a_pair_with_the_higher_fake_score_is_called_fake(of: Scored) -> None:
    overall = _figures(of)["overall"]
    assert overall["pairs_asked"] == 3
    assert overall["pairs"] == pytest.approx(2 / 3, abs=1e-4)
    assert _figures(of)["by_emotion"]["anger"]["pairs"] == 1
    assert _figures(of)["by_emotion"]["sadness"]["pairs"] == 0


def test_single_clips_are_called_at_even_odds(of: Scored) -> None:
    assert _figures(of)["overall"]["accuracy"] == pytest.approx(4 / 7, abs=1e-4)
    assert _figures(of)["overall"]["clips"] == 7


def test_the_published_rows_are_those_of_the_paper() -> None:
    """Compared with the text of the paper where it is available."""
    assert dict(TABLE_2)["HCILab (the paper)"] == 71
    assert dict(TABLE_3)["HCILab (the paper)"] == 66.7
    for table, teams in ((TABLE_2, 7), (TABLE_3, 5)):
        percent = [row[1] for row in table]
        assert percent == sorted(percent, reverse=True)
        assert len(table) == teams


def test_tables_show_the_published_rows_and_ours_in_pairs_and_one_by_one(of: Scored) -> None:
    found = {"split": {"said": "6 people"}, "validation": _figures(of), "test": _figures(of)}
    text = "\n".join(lines(found))
    assert text.startswith("6 people\nTable 2: validation")
    assert "Table 3: test" in text
    rows = {
        line.rsplit(None, 1)[0].strip(): line.rsplit(None, 1)[1] for line in text.splitlines()[1:]
    }
    assert rows["HCILab (the paper), published"] == "66.7"
    assert rows["innovwelt, published"] == "63.0"
    assert rows["this run, 3 pairs: the higher score is fake"] == "66.7"
    assert rows["this run, 7 clips one by one"] == "57.1"


def test_without_a_pair_there_is_no_figure(of: Scored) -> None:
    alone = _figures(of.where(np.array([0, 3, 6])))
    assert alone["overall"]["pairs"] is None
    found = {"split": {"said": ""}, "validation": alone, "test": alone}
    assert any(line.endswith(" -") for line in lines(found) if "0 pairs" in line)
