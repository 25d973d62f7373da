"""The days of the week, and the listener's clock beside UTC."""

# ruff: noqa: ANN001, ANN201 - numba infers the types of compiled functions

from playback.player.compiling import compiled

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@compiled
def weekday(day):
    """The day of the week, Monday being 0; 1970-01-01 was a Thursday."""
    return (day.number + 3) % 7


@compiled
def is_weekend(day):
    """1 on a Saturday or a Sunday, else 0."""
    return int(weekday(day) >= 5)


@compiled
def period_at(periods, period, ms):
    """The index of the period that a moment lies in, which is this one or a later one."""
    while ms >= periods[period].ends_ms:
        period += 1
    return period


@compiled
def offset_ms(day, day_ms):
    """How far the listener's clock is ahead of UTC, so long after the beginning of the day."""
    periods = day.simulation.periods
    return periods[period_at(periods, day.period, day.midnight_ms + day_ms)].offset_ms


@compiled
def utc_ms(day, clock_ms, unit_ms):
    """How long after the beginning of the day the listener's clock shows a time of day.

    Offsets count in whole units. Where a change of clocks leaves the time out, or moves it out of
    the day, it is counted by the clock that the day begins with.
    """
    first_ms = (clock_ms - offset_ms(day, 0) // unit_ms * unit_ms) % DAY_MS
    last_offset_ms = offset_ms(day, DAY_MS - 1)
    if offset_ms(day, first_ms) != offset_ms(day, 0):
        last_ms = (clock_ms - last_offset_ms // unit_ms * unit_ms) % DAY_MS
        if offset_ms(day, last_ms) == last_offset_ms:
            return last_ms
    return first_ms
