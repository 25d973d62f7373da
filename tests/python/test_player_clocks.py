"""The player's clocks are those of the marts, on the days of a change as well."""

from collections import namedtuple
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from numba import njit

import fake_world
from conftest import run_dbt
from playback import listeners, player, timezones
from playback.errors import PlaybackError
from playback.listeners.profiles import cities
from playback.player import clock
from playback.player.clock import DAY_MS, offset_ms, utc_ms
from playback.player.records import PERIOD
from playback.presets import Normal
from playback.progress import Silent
from playback.warehouse import Warehouse

pytestmark = pytest.mark.slow

HOUR_MS, MINUTE_MS = 3_600_000, 60_000
UNITS = {"lifelike": MINUTE_MS, "classic": HOUR_MS}

Periods = namedtuple("Periods", ["periods"])
Clock = namedtuple("Clock", ["simulation", "period", "midnight_ms"])
"""What of a kernel's `Day` its clock is read from."""

ZONES = sorted({place.timezone for place in cities()})

LOCAL_PLAYS = (
    "stg_playback__users", "stg_playback__timezone_periods", "stg_playback__simulation_batches",
    "stg_playback__user_events", "int_user_clocks", "int_plays_measured", "int_plays_in_local_time",
)  # fmt: skip


def milliseconds(moment: datetime) -> int:
    return int(moment.replace(tzinfo=UTC).timestamp() * 1000)


def kernel_periods(name):
    """The periods of a time zone as the kernel has them."""
    return np.array(
        [(milliseconds(it.ends_at), MINUTE_MS * it.utc_offset_minutes)
         for it in timezones.periods(name)],
        dtype=PERIOD,
    )  # fmt: skip


@njit
def period_at(periods, period, ms):
    return clock.period_at(periods, period, ms)


@njit
def find_times(day, unit_ms, found, exists):
    """Look for every minute or hour of the clock: is it found, and is there any such time?"""
    for unit in range(len(found)):
        clock_ms = unit * unit_ms
        at_ms = utc_ms(day, clock_ms, unit_ms)
        shown_ms = (at_ms + offset_ms(day, at_ms)) % DAY_MS
        found[unit] = shown_ms // unit_ms == unit
        exists[unit] = False
    for at_ms in range(0, DAY_MS, unit_ms):
        exists[(at_ms + offset_ms(day, at_ms)) % DAY_MS // unit_ms] = True


@pytest.mark.parametrize("unit_ms", UNITS.values(), ids=UNITS)
def test_a_time_of_day_is_found_whenever_the_clock_shows_it(unit_ms):
    found, exists = np.empty((2, DAY_MS // unit_ms), dtype=bool)
    lost = 0
    for name in ZONES:
        periods = kernel_periods(name)
        changes = {it.starts_at.date() for it in timezones.periods(name)[1:]}
        for change in changes:
            midnight_ms = milliseconds(datetime.combine(change, datetime.min.time()))
            period = period_at(periods, 0, midnight_ms)
            find_times(Clock(Periods(periods), period, midnight_ms), unit_ms, found, exists)
            np.testing.assert_array_equal(found, exists, err_msg=f"{name} {change}")
            lost += np.count_nonzero(~exists)
    assert lost > 100


START, UNTIL = date(2026, 3, 6), date(2026, 4, 30)
"""The clocks of Vancouver, Casablanca, Berlin, Lord Howe Island and Cairo change in these days."""

ONE_PLAY_A_DAY = {
    "long_sessions_weight": (0.0, 1.0),
    "short_sessions": Normal(mean=0, sigma=0),
    "long_session_tracks": Normal(mean=1, sigma=0),
}
AT_ONE = tuple(float(hour == 1) for hour in range(24))


@pytest.fixture(scope="module")
def plays_at_one(tmp_path_factory):
    """Plays of a world in which someone in every time zone begins one per day, at one o'clock.

    Each with its time zone, its beginning (UTC), and that by the listener's clock in SQL.
    """
    database = tmp_path_factory.mktemp("clocks") / "world.duckdb"
    knobs = ONE_PLAY_A_DAY | {"hour_weight": AT_ONE}
    chosen = fake_world.settings(
        database, "classic", users=len(ZONES), start=START, until=UNTIL, knobs=knobs
    )
    with Warehouse(database) as warehouse:
        fake_world.build_catalogue(warehouse)
        fake_world.land_world(warehouse, chosen)
        listeners.land(warehouse, chosen, Silent())
        warehouse.connection.execute(
            "update raw.users set timezone = cast(? as varchar[])[user_key + 1]", [ZONES]
        )
        player.play(warehouse, chosen, Silent())
    outcome = run_dbt("run", "--select", *LOCAL_PLAYS, database=database)
    assert outcome.returncode == 0, outcome.stdout
    plays = fake_world.read(
        database,
        "select timezone, started_at, local_started_at "
        "from intermediate.int_plays_in_local_time inner join raw.users using (user_key)",
    )
    landed = fake_world.read(database, "select count(*) from raw.user_events")
    assert landed == [(len(plays),)]
    assert len(plays) > 50 * len(ZONES)
    return plays


def test_the_marts_have_the_clocks_of_the_player(plays_at_one):
    periods = {name: kernel_periods(name) for name in ZONES}
    offsets = set()
    for name, started_at, local_started_at in plays_at_one:
        of_zone = periods[name]
        offset = of_zone["offset_ms"][period_at(of_zone, 0, milliseconds(started_at))]
        assert local_started_at - started_at == timedelta(milliseconds=int(offset)), name
        offsets.add((name, int(offset)))
    assert len(offsets) > len(ZONES) + 30  # clocks have changed


def test_plays_begin_when_the_clock_of_the_marts_says_so(plays_at_one):
    """Unless the clock does not show one o'clock at any hour (UTC) of the day."""
    excused = []
    for name, started_at, local_started_at in plays_at_one:
        if local_started_at.hour != 1:
            midnight = started_at.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)
            hours = {
                (midnight + timedelta(hours=hour)).astimezone(timezones.zone(name)).hour
                for hour in range(24)
            }
            assert 1 not in hours, (name, started_at)
            excused.append(name)
    assert "Europe/London" in excused
    assert len(excused) < 20


def test_a_world_without_clocks_is_not_played(tmp_path):
    chosen = fake_world.settings(tmp_path / "world.duckdb", users=5)
    with Warehouse(chosen.database) as warehouse:
        fake_world.build_catalogue(warehouse)
        listeners.land(warehouse, chosen, Silent())
        with pytest.raises(PlaybackError, match=r"raw\.timezone_periods .* lacks .*release"):
            player.play(warehouse, chosen, Silent())
