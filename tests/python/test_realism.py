"""Every statistic against a slow computation of its own, on histories made by hand."""

import math
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import fake_world
from conftest import run_tool
from playback.errors import PlaybackError
from playback.progress import Silent
from playback.realism import curves, listener, measure, personalities, population
from playback.realism.histories import (
    Catalogue,
    Histories,
    gaps_ms,
    read_catalogue,
    read_histories,
    read_window,
    session_lengths,
)
from playback.realism.reference import Band, Point, read_bands, read_figures, read_points
from playback.warehouse import Warehouse

MINUTE = 60_000
MONDAY = 19_723
"""2024-01-01, counted from 1970-01-01."""


def histories(*listeners: list[tuple[int, int, int, int]], days: int = 10) -> Histories:
    """Histories of (track, start in ms of the feed, heard ms, track ms); artist = track // 10."""
    rows = [row for plays in listeners for row in plays]
    track, start, heard, duration = (
        np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)
    )
    return Histories(
        days=days,
        first_day=MONDAY,
        user_keys=np.arange(len(listeners)),
        starts=np.cumsum([0, *map(len, listeners)]),
        track=track,
        artist=track // 10,
        ended_ms=MONDAY * 86_400_000 + start + heard,
        listening_ms=heard,
        duration_ms=duration,
    )


def random_plays(seed: int, plays: int) -> list[tuple[int, int, int, int]]:
    random = np.random.default_rng(seed)
    clock, rows = 0, []
    for _ in range(plays):
        minutes = [0, 1, 20, 30, 400]
        clock += int(random.choice(minutes)) * MINUTE + int(random.choice([0, 1]))
        heard = int(random.choice([0, 4999, 5000, 29_999, 30_000, 200_000]))
        rows.append((int(random.zipf(1.5)) % 60, clock, heard, 200_000))
        clock += heard
    return rows


def slow_statistics(plays: list[tuple[int, int, int, int]], days: int) -> dict[str, float]:
    """The definitions of the reference, play by play."""
    sessions: list[list[tuple[int, int, int, int]]] = []
    for play in plays:
        if not sessions or play[1] - sum(sessions[-1][-1][1:3]) > 30 * MINUTE:
            sessions.append([])
        sessions[-1].append(play)
    dates = [
        (datetime(2024, 1, 1) + timedelta(milliseconds=start + heard)).date()
        for _, start, heard, _ in plays
    ]
    followers = {True: [], False: []}
    for session in sessions:
        for before, after in pairwise(session):
            followers[before[2] < 30_000].append(after[2] < 30_000)
    tracks = [play[0] for play in plays]
    artists = [track // 10 for track in tracks]
    counts = [tracks.count(track) for track in set(tracks)]
    logs = [
        (math.log(heard), math.log(len(set(tracks[:heard]))))
        for heard in range(20, len(tracks) + 1)
    ]
    weekend = sum(day.weekday() >= 5 for day in dates)
    return {
        "active_day_share": len(set(dates)) / days,
        "weekend_to_weekday_ratio": (weekend / 2) / ((len(dates) - weekend) / 5),
        "repeat_share": 1 - len(set(tracks)) / len(tracks),
        **{
            f"stopped_under_{seconds}s_share": sum(play[2] < 1000 * seconds for play in plays)
            / len(plays)
            for seconds in (5, 10, 30)
        },
        "next_same_track_share": np.mean([left == right for left, right in pairwise(tracks)]),
        "next_same_artist_share": np.mean([left == right for left, right in pairwise(artists)]),
        "skip_after_skip_share": np.mean(followers[True]),
        "skip_after_play_share": np.mean(followers[False]),
        "tracks_per_session_mean": np.mean([len(session) for session in sessions]),
        "tracks_per_session_median": np.median([len(session) for session in sessions]),
        "single_track_session_share": np.mean([len(session) == 1 for session in sessions]),
        "sessions_per_active_day": len(sessions) / len(set(dates)),
        "heaps_exponent_tracks": np.polyfit(*zip(*logs, strict=True), 1)[0],
        "gini_tracks_within_listener": sum(abs(one - other) for one in counts for other in counts)
        / (2 * len(counts) * sum(counts)),
        "top_10_artists_share": sum(sorted(map(artists.count, set(artists)))[-10:]) / len(plays),
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_statistics_of_a_listener_are_those_of_a_slow_computation(seed):
    plays = random_plays(seed, 300)
    measured = listener.statistics(histories(plays))
    assert measured == pytest.approx(slow_statistics(plays, 10))
    assert set(measured) == {band.statistic for band in read_bands()}


def test_a_session_goes_on_after_exactly_half_an_hour():
    plays = [(1, 0, 1000, 1000), (1, 1000 + 30 * MINUTE, 1000, 1000)]
    assert session_lengths(gaps_ms(histories(plays))[1]).tolist() == [2]
    plays[1] = (1, 1001 + 30 * MINUTE, 1000, 1000)
    assert session_lengths(gaps_ms(histories(plays))[1]).tolist() == [1, 1]


def test_thirty_seconds_are_no_skip():
    plays = [(1, 0, 30_000, 200_000), (2, 30_000, 29_999, 200_000)]
    assert listener.statistics(histories(plays))["stopped_under_30s_share"] == 0.5


def test_one_play_has_no_followers():
    measured = listener.statistics(histories([(1, 0, 1000, 1000)]))
    undefined = {name for name, value in measured.items() if np.isnan(value)}
    assert undefined == {
        "next_same_track_share",
        "next_same_artist_share",
        "skip_after_skip_share",
        "skip_after_play_share",
        "heaps_exponent_tracks",
    }
    assert measured["single_track_session_share"] == 1
    assert measured["gini_tracks_within_listener"] == 0


def test_listeners_do_not_touch_each_other():
    first, second = random_plays(4, 50), random_plays(5, 70)
    both = histories(first, second)
    for one, plays in zip(both.each(), (first, second), strict=True):
        assert listener.statistics(one) == listener.statistics(histories(plays))
    assert both.of(np.array([False, True])).track.tolist() == [play[0] for play in second]
    _, opens = gaps_ms(both)
    assert opens[50]


def test_last_days_keep_the_end_of_the_window():
    plays = [(day, day * 86_400_000, 1000, 1000) for day in range(10)]
    kept = histories(plays).last_days(3)
    assert (kept.track.tolist(), kept.days, kept.first_day) == ([7, 8, 9], 3, MONDAY + 7)


def test_curves_of_stopping_and_repeating():
    plays = [(1, 0, 1000, 180_000), (2, 1000, 1001, 180_000), (1, 3000, 180_000, 180_000)]
    plays += [(3, 200_000, 0, 179_999)]
    made = histories(plays)
    at = np.array([1.0, 2.0])
    assert curves.curve(made, "cumulative_stop_by_second", at).tolist() == [1 / 3, 2 / 3]
    assert curves.curve(made, "repeat_within_lag_share", at).tolist() == [0, 1]
    ratio = curves.curve(made, "cumulative_stop_by_played_ratio", np.array([0.01, 1.0]))
    assert ratio.tolist() == [2 / 3, 1]


def test_curves_of_sessions_are_those_of_a_slow_computation():
    plays = random_plays(6, 400)
    made = histories(plays)
    lengths, pauses_between, pauses_within = [], [], []
    for place, play in enumerate(plays):
        pause = play[1] - sum(plays[place - 1][1:3]) if place else None
        if pause is None or pause > 30 * MINUTE:
            lengths.append(0)
            pauses_between += [] if pause is None else [pause]
        else:
            pauses_within.append(pause)
        lengths[-1] += 1
    at = np.array([10.0, 50.0, 90.0])
    for name, expected in {
        "session_tracks_quantile": np.percentile(lengths, at),
        "gap_between_sessions_hours_quantile": np.percentile(pauses_between, at) / 3.6e6,
        "gap_within_session_seconds_quantile": np.percentile(pauses_within, at) / 1000,
    }.items():
        assert curves.curve(made, name, at) == pytest.approx(expected)
    goes_on = curves.curve(made, "session_continue_share", np.array([1.0, 2.0]))
    longer = [sum(length > least for length in lengths) for least in range(3)]
    assert goes_on == pytest.approx([longer[1] / longer[0], longer[2] / longer[1]])


def test_skip_share_by_position_counts_long_sessions_alone():
    long = [(1, place * 40_000, 1000 if place < 3 else 30_000, 200_000) for place in range(10)]
    short = [(1, 10**8 + place * 40_000, 1000, 200_000) for place in range(9)]
    made = histories(long + short)
    at = np.arange(1.0, 11.0)
    shares = curves.curve(made, "skip_share_by_session_position", at)
    assert shares.tolist() == [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]


def test_hours_are_turned_to_the_quietest_and_days_start_on_sunday():
    every_hour = [(1, hour * 3_600_000, 0, 1000) for hour in range(24) if hour != 9]
    shares = curves.curve(histories(every_hour), "hour_of_day_share", np.arange(24.0))
    assert shares[4] == 0
    assert np.count_nonzero(shares) == 23
    days = curves.curve(histories(every_hour), "day_of_week_share", np.arange(7.0))
    assert days.tolist() == [0, 1, 0, 0, 0, 0, 0]


def test_effect_size_and_power_law():
    values = np.array([1.0, 3.0, 5.0, 7.0])
    has_trait = np.array([False, False, True, True])
    assert personalities.effect_size(values, has_trait) == pytest.approx(4 / math.sqrt(2))
    assert np.isnan(personalities.effect_size(values, has_trait & False))
    counts = np.floor(0.5 + 0.5 * np.random.default_rng(1).random(200_000) ** (-1 / 1.1))
    drawn = counts[counts >= 1].astype(np.int64)
    assert population.power_law_exponent(drawn, 5) == pytest.approx(2.1, abs=0.05)


def test_population_figures():
    skipper = [(11, 0, 0, 200_000), (12, 86_400_000, 29_999, 200_000)]
    patient = [(11, 0, 200_000, 200_000), (31, 300_000, 100_000, 200_000)]
    catalogue = Catalogue(
        track_key=np.arange(40),
        artist=np.arange(40) // 10,
        duration_ms=np.full(40, 200_000),
        released_day=np.full(40, MONDAY - 1),
        newness=np.zeros(40),
        popularity=np.zeros(40),
        genre=np.array(["G001"] * 40),
    )
    catalogue.released_day[31] = MONDAY + 1
    figures = population.figures(histories(skipper, patient, days=301), catalogue)
    assert figures["listens_per_listener_median"] == 2
    assert figures["stopped_under_30s_share"] == 0.5
    assert figures["stopped_before_end_share"] == 0.75
    assert figures["zero_ms_plays_share"] == 0.25
    assert figures["listeners_never_skip_share"] == 0.5
    assert figures["listeners_skip_over_50pct_share"] == 0.5
    assert figures["artists_top_1pct_play_share"] == 0.75
    assert figures["plays_in_release_year_share"] == 0.25
    assert figures["plays_before_release_share"] == 0.25


def test_inside():
    band = Band("any", 365, 0.0, 2.0, 4.0, 6.0, 10.0)
    assert band.holds(0, 2, 5)
    assert not band.holds(0, 1.99, 10)
    assert not band.holds(0, 4, 4.99)
    assert not band.holds(5.01, 5.5, 20)
    assert Point("any", 1, 0.5).bounds == pytest.approx((0.45, 0.55))
    assert Point("any", 1, 0.02).bounds == pytest.approx((0.01, 0.03))


def test_the_reference_is_whole():
    assert len(read_bands()) == 17 * 3
    assert len(read_points()) == 119
    assert all(
        figure.lowest is None or figure.lowest <= figure.value <= figure.highest
        for figure in read_figures()
        if figure.statistic != "artists_top_1pct_play_share"
    )


@pytest.fixture(scope="module")
def classic_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A month of the documented feed, which is not lifelike."""
    database = tmp_path_factory.mktemp("classic") / "world.duckdb"
    fake_world.simulate(fake_world.settings(database, "classic", until=date(2024, 1, 31)))
    return database


def test_reading_sorts_by_listener_and_time(classic_world: Path):
    with Warehouse(classic_world) as warehouse:
        catalogue = read_catalogue(warehouse)
        read = read_histories(warehouse, catalogue, read_window(warehouse))
        stored = warehouse.rows(
            "select user_key, track_key, epoch_ms(ended_at), listening_ms "
            "from raw.user_events order by user_key, ended_at"
        )
    assert (read.days, read.first_day) == (31, MONDAY)
    assert (
        list(
            zip(
                read.user_keys[read.listener].tolist(),
                catalogue.track_key[read.track].tolist(),
                read.ended_ms.tolist(),
                read.listening_ms.tolist(),
                strict=True,
            )
        )
        == stored
    )
    assert (catalogue.duration_ms[read.track] == read.duration_ms).all()


def test_what_is_older_than_the_feed_is_not_counted(classic_world: Path):
    with Warehouse(classic_world) as warehouse:
        chapters = measure(warehouse, Silent())
    findings = [finding for chapter in chapters for finding in chapter.findings]
    young = [finding for finding in findings if finding.at in ("365 days", "90 days")]
    assert young
    assert all(finding[3:] == ("not enough days", None) for finding in young)
    assert ("repeat_share", "30 days") in {
        finding[:2] for finding in findings if finding.is_inside is not None
    }


def test_check_fails_on_a_feed_that_is_not_lifelike(classic_world: Path):
    shown = run_tool("playback", "realism", database=classic_world)
    assert shown.returncode == 0, shown.stderr
    assert "not enough days" in shown.stdout
    checked = run_tool("playback", "realism", "--check", database=classic_world)
    assert checked.returncode == 1
    assert "lie outside" in checked.stderr.strip().splitlines()[-1]


def test_without_plays_it_says_what_to_run(tmp_path: Path):
    database = tmp_path / "world.duckdb"
    with Warehouse(database) as warehouse, pytest.raises(PlaybackError, match="no plays"):
        measure(warehouse, Silent())
    outcome = run_tool("playback", "realism", "--check", database=database)
    assert outcome.returncode == 2
    assert "playback run" in outcome.stderr


def test_only_listeners_with_three_genres_count_for_affinity(tmp_path: Path):
    made = histories([(1, 0, 1000, 1000), (11, 5000, 1000, 1000), (11, 9000, 1000, 1000)])
    genre = np.array(["G001"] * 10 + ["G002"] * 10 + ["G003"] * 10)
    nothing = np.zeros(30)
    catalogue = Catalogue(np.arange(30), np.arange(30) // 10, *(nothing,) * 4, genre)
    with Warehouse(tmp_path / "world.duckdb") as warehouse:
        warehouse.append(
            "user_genre_preferences",
            pa.table(
                {
                    "user_key": np.zeros(3, dtype=np.int32),
                    "genre_id": ["G001", "G002", "G003"],
                    "affinity_score": [0.5, 0.9, 0.2],
                }
            ),
        )
        assert personalities.genre_correlation(warehouse, made, catalogue) == pytest.approx(1)
        warehouse.connection.execute(
            "delete from raw.user_genre_preferences where genre_id = 'G003'"
        )
        assert np.isnan(personalities.genre_correlation(warehouse, made, catalogue))
