from calibrate.evaluation.expression_table import correlation_table, expression_section


def test_the_table_has_a_row_for_each_action() -> None:
    rows = correlation_table({"smile_left": 0.876, "jaw_drop": 0.7}).splitlines()
    assert rows[2:] == ["| smile left | 0.88 |", "| jaw drop | 0.70 |"]


def test_the_section_says_on_what_it_was_measured() -> None:
    section = expression_section({"smile_left": 0.876}, "Ours, ask first.", 1200, 42, 5)
    assert section.startswith("## Expression read-out\n")
    for words in (
        "1200 frames",
        "42 people",
        "5 folds",
        "Data: Ours, ask first. ",
        "| smile left | 0.88 |",
    ):
        assert words in section.replace("\n", " ")
