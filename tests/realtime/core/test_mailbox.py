from __future__ import annotations

import threading

from hypothesis import given
from hypothesis import strategies as st

from realtime.core.mailbox import Mailbox

LONG_S = 10.0  # a limit that is only met when something is broken


def in_thread(work) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_put_returns_the_item_that_it_replaced():
    mailbox: Mailbox[int] = Mailbox()
    assert mailbox.put(1) is None
    assert mailbox.put(2) == 1
    assert mailbox.take(0) == 2
    assert mailbox.take(0) is None


def test_a_falsy_item_is_an_item():
    mailbox: Mailbox[int] = Mailbox()
    mailbox.put(0)
    assert mailbox.put(0) == 0
    assert mailbox.take(0) == 0


def test_blocking_put_never_displaces():
    mailbox: Mailbox[int] = Mailbox()
    assert mailbox.put_blocking(1, 0)
    assert not mailbox.put_blocking(2, 0)
    assert mailbox.take(0) == 1


def test_a_blocked_put_goes_in_once_the_slot_is_free():
    mailbox: Mailbox[int] = Mailbox()
    mailbox.put(1)
    done: list[bool] = []
    thread = in_thread(lambda: done.append(mailbox.put_blocking(2, LONG_S)))
    assert [mailbox.take(LONG_S), mailbox.take(LONG_S)] == [1, 2]
    thread.join(LONG_S)
    assert done == [True]


def test_close_wakes_waiting_takes_and_puts():
    empty: Mailbox[int] = Mailbox()
    full: Mailbox[int] = Mailbox()
    full.put(1)
    results: list[object] = []
    threads = [
        in_thread(lambda: results.append(empty.take(60.0))),
        in_thread(lambda: results.append(full.put_blocking(2, 60.0))),
    ]
    empty.close()
    full.close()
    for thread in threads:
        thread.join(LONG_S)
        assert not thread.is_alive()
    assert sorted(results, key=str) == [False, None]


def test_the_item_of_a_closed_mailbox_can_still_be_taken():
    mailbox: Mailbox[str] = Mailbox()
    mailbox.put("last")
    mailbox.close()
    mailbox.close()
    assert mailbox.closed
    assert not mailbox.finished
    assert mailbox.put("late") == "late"
    assert not mailbox.put_blocking("late", 0)
    assert mailbox.take(0) == "last"
    assert mailbox.finished


@given(st.lists(st.sampled_from(["put", "block", "take", "close"])))
def test_every_item_is_taken_or_returned_once_and_in_order(steps):
    mailbox: Mailbox[int] = Mailbox()
    taken: list[int] = []
    back: list[int] = []
    for number, step in enumerate(steps):
        if step == "put":
            displaced = mailbox.put(number)
            back += [] if displaced is None else [displaced]
        elif step == "block":
            back += [] if mailbox.put_blocking(number, 0) else [number]
        elif step == "take":
            item = mailbox.take(0)
            taken += [] if item is None else [item]
        else:
            mailbox.close()
    last = mailbox.take(0)
    taken += [] if last is None else [last]
    assert taken == sorted(taken)
    assert sorted(taken + back) == [
        number for number, step in enumerate(steps) if step in ("put", "block")
    ]


def test_between_two_threads_every_lost_item_is_counted():
    mailbox: Mailbox[int] = Mailbox()
    back: list[int] = []

    def write() -> None:
        for number in range(2000):
            displaced = mailbox.put(number)
            if displaced is not None:
                back.append(displaced)
        mailbox.close()

    thread = in_thread(write)
    taken: list[int] = []
    while not mailbox.finished:
        item = mailbox.take(LONG_S)
        if item is not None:
            taken.append(item)
    thread.join(LONG_S)
    assert taken == sorted(taken)
    assert sorted(taken + back) == list(range(2000))
