"""The clocks of the world are those of the pinned package, to the second and on every machine."""

import re
import shutil
import tomllib
import zoneinfo
from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from itertools import pairwise

import numpy as np
import pytest
import tzdata

from playback import timezones
from playback.errors import PlaybackError
from playback.listeners.profiles import cities
from playback.settings import PROJECT_ROOT

ONE_SECOND = timedelta(seconds=1)
zone = cache(timezones.zone)


@pytest.fixture(scope="module")
def clocks():
    """One time zone for each clock that there is: many are other names of one."""
    one_each = {timezones.periods(name): name for name in sorted(timezones.names(), reverse=True)}
    assert len(one_each) > 200
    return {name: periods for periods, name in one_each.items()}


def offset(name, moment):
    return moment.replace(tzinfo=UTC).astimezone(zone(name)).utcoffset()


def test_a_period_ends_where_the_next_begins_with_another_offset(clocks):
    for name, periods in clocks.items():
        assert periods[0].starts_at == timezones.BEGINS
        assert periods[-1].ends_at == timezones.ENDS
        for before, after in pairwise(periods):
            assert before.ends_at == after.starts_at, name
            assert before.utc_offset_minutes != after.utc_offset_minutes, name


def test_periods_are_those_of_the_zone_files_to_the_second(clocks):
    for name, periods in clocks.items():
        for period in periods:
            minutes = timedelta(minutes=period.utc_offset_minutes)
            assert offset(name, period.starts_at) == minutes, (name, period)
            assert offset(name, period.ends_at - ONE_SECOND) == minutes, (name, period)


def test_no_change_of_clocks_is_missed(clocks):
    """A rule that was misread would be so in each of sixty years."""
    chance = np.random.default_rng(4)
    seconds = int((timezones.ENDS - timezones.BEGINS).total_seconds())
    for name, periods in clocks.items():
        starts = [period.starts_at for period in periods]
        for moment in map(int, chance.integers(0, seconds, 200)):
            at = timezones.BEGINS + timedelta(seconds=moment)
            period = periods[bisect_right(starts, at) - 1]
            assert offset(name, at) == timedelta(minutes=period.utc_offset_minutes), (name, at)


@pytest.mark.parametrize(
    ("name", "change", "before", "after"),
    [
        ("Africa/Cairo", datetime(2026, 4, 23, 22), 120, 180),
        ("Africa/Casablanca", datetime(2026, 3, 22, 2), 0, 60),
        ("Africa/Casablanca", datetime(2026, 9, 20, 1), 60, 0),
        ("America/Vancouver", datetime(2026, 3, 8, 10), -480, -420),
        ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30), 630, 660),
        ("America/St_Johns", datetime(2005, 4, 3, 3, 31), -210, -150),
        ("Asia/Gaza", datetime(2040, 10, 26, 23), 180, 120),  # after less than a week
        ("Europe/Berlin", datetime(2099, 3, 29, 1), 60, 120),
        ("Pacific/Apia", datetime(2011, 12, 30, 10), -600, 840),  # a day left out
    ],
)
def test_changes(name, change, before, after):
    changes = {
        after.starts_at: (before.utc_offset_minutes, after.utc_offset_minutes)
        for before, after in pairwise(timezones.periods(name))
    }
    assert changes[change] == (before, after)


def test_vancouver_keeps_its_summer_time():
    assert timezones.periods("America/Vancouver")[-1].starts_at == datetime(2026, 3, 8, 10)


def test_a_clock_changes_at_most_once_a_day(clocks):
    """The player counts on it, see `clock.utc_ms`."""
    for name, periods in clocks.items():
        days = [period.starts_at.date() for period in periods]
        assert len(days) == len(set(days)), name


def test_every_place_of_a_listener_has_a_clock():
    assert len(cities()) > 900
    assert {place.timezone for place in cities()} <= timezones.names()


def test_the_database_of_the_machine_decides_nothing(tmp_path):
    """Here it takes Cairo for Tokyo, and knows nothing else."""
    table, homes = timezones.table(), cities()
    (tmp_path / "Africa").mkdir()
    tokyo = files(tzdata) / "zoneinfo" / "Asia" / "Tokyo"
    shutil.copyfile(tokyo, tmp_path / "Africa" / "Cairo")
    zoneinfo.reset_tzpath([tmp_path])
    for cached in (timezones.table, timezones._periods, cities):
        cached.cache_clear()
    try:
        cairo = zoneinfo.ZoneInfo.no_cache("Africa/Cairo")
        assert cairo.utcoffset(datetime(2026, 1, 1)) == timedelta(hours=9)
        assert timezones.table().equals(table)
        assert cities() == homes
    finally:
        zoneinfo.reset_tzpath()


def test_another_release_of_the_package_is_refused(monkeypatch):
    monkeypatch.setattr(tzdata, "__version__", "2025.2")
    for asked in (timezones.names, lambda: timezones.periods("Africa/Cairo")):
        with pytest.raises(PlaybackError) as refusal:
            asked()
        assert "tzdata 2025.2 is installed" in str(refusal.value)
        assert f"`pip install tzdata=={timezones.VERSION}`" in str(refusal.value)


def test_the_release_is_pinned_wherever_packages_are_named():
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())
    pinned = f"tzdata=={timezones.VERSION}"
    assert pinned in project["project"]["dependencies"]
    assert pinned in (PROJECT_ROOT / "constraints.txt").read_text().splitlines()


ANOTHER_CLOCK = re.compile(r"at time zone|available_timezones|convert_timezone|ZoneInfo\(", re.I)


def test_nobody_asks_another_clock():
    """Neither the machine nor DuckDB, whose own database comes with its extension ICU."""
    for folder in ("python", "models", "macros", "tests/singular", "tests/generic"):
        for file in sorted((PROJECT_ROOT / folder).rglob("*")):
            if file.suffix in (".py", ".sql", ".yml"):
                assert not ANOTHER_CLOCK.search(file.read_text("utf-8")), file
