from __future__ import annotations

import json

from realtime.outputs.events import Event
from realtime.outputs.web.content.history import SHOWN, EventHistory


def event(number: int, kind: str = "verdict", at_s: float = 0.0) -> Event:
    return Event(number, {"type": kind, "at_s": at_s}, 0.0)


def shown(history: EventHistory) -> list[float]:
    return [verdict["at_s"] for verdict in json.loads(history.newest_text())["verdicts"]]


def test_a_client_that_comes_back_gets_what_it_missed() -> None:
    history = EventHistory()
    sent = [history.add(event(number)) for number in range(1, 6)]
    assert history.after(sent[2].id) == sent[3:]
    assert history.after(sent[-1].id) == []


def test_one_that_was_away_too_long_gets_all_that_is_kept() -> None:
    history = EventHistory(kept=3)
    sent = [history.add(event(number)) for number in range(1, 6)]
    assert history.after(sent[0].id) == sent[2:]


def test_ids_of_another_server_and_odd_ones_mean_everything() -> None:
    history, other = EventHistory(), EventHistory()
    sent = [history.add(event(number)) for number in (1, 2)]
    foreign = other.add(event(2)).id
    for last_id in (foreign, "", "-", "2", f"{sent[1].id}x", "x-" + "9" * 99):
        assert history.after(last_id) == sent


def test_an_event_in_the_form_of_sse() -> None:
    sent = EventHistory().add(event(7))
    lines = sent.sse.split("\n")
    assert lines[0] == f"id: {sent.id}"
    assert lines[1] == "event: verdict"
    assert json.loads(lines[2].removeprefix("data: ")) == {"type": "verdict", "at_s": 0.0}
    assert lines[3:] == ["", ""]


def test_a_page_gets_the_last_minute_of_this_run() -> None:
    history = EventHistory()
    history.add(event(1, at_s=500.0))
    history.add(event(2, "run"))
    for number in range(100):
        history.add(event(number + 3, at_s=float(number)))
    assert shown(history) == [float(number) for number in range(39, 100)]


def test_a_page_gets_a_bounded_number_of_verdicts() -> None:
    history = EventHistory()
    for number in range(SHOWN + 10):
        history.add(event(number))
    assert len(shown(history)) == SHOWN


def test_before_the_first_verdict_there_is_none() -> None:
    history = EventHistory()
    assert shown(history) == []
    run = history.add(event(1, "run"))
    assert (history.run, shown(history)) == (run, [])
