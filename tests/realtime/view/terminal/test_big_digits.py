from __future__ import annotations

from realtime.view.terminal.big_digits import ROWS, big_digit_rows


def test_a_number_is_drawn_in_half_blocks() -> None:
    assert big_digit_rows("72 %") == ("▀▀█ ▀▀█   ▀ █", "  █ █▀▀   ▄▀ ", "  ▀ ▀▀▀   ▀ ▀")


def test_every_percentage_is_drawn_differently() -> None:
    pictures = {big_digit_rows(f"{percent} %") for percent in range(101)}
    assert len(pictures) == 101
    assert all(
        len(picture) == ROWS and len({len(row) for row in picture}) == 1 for picture in pictures
    )
