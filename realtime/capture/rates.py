"""Frame rates: which are too low to judge movement, and which no camera has."""

from __future__ import annotations

SLOWEST_HZ = 7.0  # webcams drop to 7.5 in dim rooms, still enough; below, movement is interpolated
FASTEST_HZ = 250.0  # action cameras and phones film 240
HIGHEST_HZ = 1000.0  # containers without a rate declare their clock's, such as 90 000


def plausible_rate_hz(declared_hz: float) -> float:
    """Return the declared frame rate, or 0 if it cannot be one."""
    return declared_hz if 0 < declared_hz <= HIGHEST_HZ else 0.0


def file_rate_error(hz: float) -> str:
    """Return why a file that declares `hz` cannot be judged; empty if it can (0: unknown)."""
    if hz == 0 or hz >= SLOWEST_HZ:
        return ""
    return (
        f"the file has {hz:.3g} frames a second; want {SLOWEST_HZ:g}, or movement is not seen. "
        "If that rate is wrong, give --rate"
    )


def implausible_rate_note(hz: float) -> str:
    """Return a note for a declared rate that no common camera has; empty otherwise."""
    if hz <= FASTEST_HZ:
        return ""
    return f"the file claims {hz:.4g} frames a second. If that is wrong, give the true --rate HZ"
