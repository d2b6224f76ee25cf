from __future__ import annotations

import pytest

from realtime.capture.rates import (
    FASTEST_HZ,
    SLOWEST_HZ,
    file_rate_error,
    implausible_rate_note,
    plausible_rate_hz,
)


@pytest.mark.parametrize("hz", [0.0, SLOWEST_HZ, 30.0])
def test_a_rate_that_suffices_or_is_unknown_is_no_error(hz: float) -> None:
    assert file_rate_error(hz) == ""


@pytest.mark.parametrize(("hz", "shown"), [(0.2, "0.2"), (1.0, "1"), (6.9, "6.9")])
def test_a_rate_too_low_is_named_with_what_is_wanted(hz: float, shown: str) -> None:
    assert f"the file has {shown} frames a second; want 7" in file_rate_error(hz)


@pytest.mark.parametrize(("hz", "noted"), [(FASTEST_HZ, False), (251.0, True), (1000.0, True)])
def test_only_rates_that_no_camera_has_are_noted(hz: float, noted: bool) -> None:
    assert bool(implausible_rate_note(hz)) == noted


@pytest.mark.parametrize(
    ("declared_hz", "hz"),
    [(-1.0, 0.0), (0.0, 0.0), (29.97, 29.97), (1000.0, 1000.0), (90_000.0, 0.0)],
)
def test_the_clock_of_a_container_is_no_frame_rate(declared_hz: float, hz: float) -> None:
    assert plausible_rate_hz(declared_hz) == hz
