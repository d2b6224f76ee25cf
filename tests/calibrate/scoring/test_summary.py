from calibrate.scoring.rows import ClipScore, Row
from calibrate.scoring.summary import ScoreSummary
from realtime.core.labels import LABELS


def row(p_forced: float | None, label: str = "", **values: object) -> Row:
    score = ClipScore("any", "neutral", "", p_forced=p_forced, face_share=1.0)
    known = {"label": label, "person": "P", "emotion": "fear", "error": ""}
    return {**score.row(), **known, **values}  # type: ignore[dict-item]


def test_it_counts_numbers_forced_ones_and_errors() -> None:
    summary = ScoreSummary()
    summary.add(row(0.4, p_genuine=0.5, state="judging", forced=False))
    summary.add(row(0.4))
    summary.add(row(None))
    summary.add(row(None, error="gone", face_share=None))
    assert summary.lines() == [
        "1 of 4 clips (25%) have a number; 1 only a forced one, of the apex alone",
        "3 with a face, 1 not readable",
        "without a number: 2 neutral, 1 error",
    ]


def test_a_corpus_of_nothing_has_no_share() -> None:
    assert ScoreSummary().lines()[0].startswith("0 of 0 clips have a number")


def test_labels_give_a_plot_an_auc_and_pairs() -> None:
    summary = ScoreSummary()
    for p_forced, label in ((0.9, "genuine"), (0.7, "genuine"), (0.2, "fake"), (0.8, "fake")):
        summary.add(row(p_forced, label))
    lines = summary.lines()
    genuine, fake = (
        next(line for line in lines if line.lstrip().startswith(f"{name} ")) for name in LABELS
    )
    assert "median 0.80 of 2" in genuine
    assert "median 0.50 of 2" in fake
    assert len(genuine.split("  median")[0]) == len(fake.split("  median")[0])
    assert lines[-1].startswith("AUC 0.750, 0.750 of pairs right")
