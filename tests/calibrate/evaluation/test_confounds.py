from calibrate.evaluation.confounds import confound_lines


def test_a_tied_property_is_named_and_others_are_listed() -> None:
    listed, warning = confound_lines({"length": 0.52, "person": 0.6, "clip edges": 0.71})
    assert listed == (
        "label told by one property alone (AUC): length 0.52, person 0.60, clip edges 0.71"
    )
    assert warning.startswith("the label is tied to person and clip edges: ")


def test_without_a_tie_there_is_no_warning() -> None:
    assert len(list(confound_lines({"length": 0.59}))) == 1
    assert list(confound_lines({})) == []
