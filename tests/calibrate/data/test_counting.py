from calibrate.data.counting import counted, counted_people


def test_a_noun_follows_its_count() -> None:
    assert counted(1, "clip") == "1 clip"
    assert counted(0, "clip") == "0 clips"
    assert counted_people(1) == "1 person"
    assert counted_people(2) == "2 people"
