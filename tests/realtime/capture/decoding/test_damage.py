from __future__ import annotations

from realtime.capture.decoding.damage import FORGOTTEN_AFTER, DamageTracker


def tracker_after(packets: list[tuple[int, bool, bool]]) -> DamageTracker:
    """Return a tracker after packets of (pts, keyframe, corrupt)."""
    tracker = DamageTracker()
    for pts, keyframe, corrupt in packets:
        tracker.note_packet(pts, keyframe)
        if corrupt:
            tracker.note_damage()
    return tracker


def damaged(tracker: DamageTracker, times: list[int]) -> list[int]:
    return [pts for pts in times if tracker.damaged(pts)]


def test_damage_lasts_until_the_next_keyframe() -> None:
    tracker = tracker_after(
        [(0, True, False), (1, False, False), (2, False, True), (3, False, False), (4, True, False)]
    )
    assert damaged(tracker, [0, 1, 2, 3, 4, 5]) == [2, 3]


def test_pictures_shown_before_the_damaged_one_but_made_from_it_are_damaged() -> None:
    # decoded 0, 3, 1, 2: the two in the middle are predicted from 3
    tracker = tracker_after(
        [(0, True, False), (3, False, True), (1, False, False), (2, False, False)]
    )
    assert damaged(tracker, [0, 1, 2, 3]) == [1, 2, 3]


def test_pictures_decoded_before_the_damage_are_whole_even_if_shown_after_it() -> None:
    tracker = tracker_after(
        [(0, True, False), (4, False, False), (2, False, True), (3, False, False)]
    )
    assert damaged(tracker, [0, 2, 3, 4]) == [2, 3]


def test_pictures_that_lead_a_keyframe_need_what_was_before_it() -> None:
    tracker = tracker_after(
        [(0, True, False), (1, False, True), (5, True, False), (3, False, False), (6, False, False)]
    )
    assert damaged(tracker, [1, 3, 5, 6]) == [1, 3]


def test_a_damaged_keyframe_heals_nothing() -> None:
    tracker = tracker_after(
        [(0, True, False), (1, False, True), (2, True, True), (3, False, False)]
    )
    assert damaged(tracker, [0, 1, 2, 3]) == [1, 2, 3]


def test_the_decoders_own_word_counts_from_that_picture_on() -> None:
    tracker = tracker_after([(pts, pts in (0, 4), False) for pts in range(7)])
    tracker.note_damaged_picture(2)
    assert damaged(tracker, list(range(7))) == [2, 3]
    tracker.note_damaged_picture(5)
    assert damaged(tracker, list(range(7))) == [2, 3, 5, 6]


def test_an_error_reported_late_reaches_back() -> None:
    tracker = tracker_after([(pts, pts == 0, False) for pts in range(5)])
    tracker.note_damage(packets_back=2)
    assert damaged(tracker, list(range(5))) == [2, 3, 4]


def test_times_that_start_again_do_not_confuse_old_and_new() -> None:
    first = [(pts, pts == 100, pts == 105) for pts in range(100, 110)]
    tracker = tracker_after([*first, *((pts, pts == 0, False) for pts in range(5))])
    assert damaged(tracker, list(range(100, 110))) == list(range(105, 110))
    assert damaged(tracker, list(range(5))) == []


def test_without_a_keyframe_damage_is_forgotten_in_the_end() -> None:
    tracker = tracker_after([(0, True, False), (1, False, True)])
    shown = []
    for pts in range(2, FORGOTTEN_AFTER + 10):
        tracker.note_packet(pts, False)
        if not tracker.damaged(pts):
            shown.append(pts)
    assert shown[0] == FORGOTTEN_AFTER + 1
    assert shown == list(range(shown[0], FORGOTTEN_AFTER + 10))
