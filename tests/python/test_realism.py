"""Realism: what SQL measures, computed once more with Polars; and what the command says of it."""

import csv
import shutil
from collections import Counter
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr

from conftest import Settings, run_tool
from playback.settings import PROJECT_ROOT

MINUTES = 60_000
HALF_HOUR = 30 * MINUTES
CLOSE = 2e-6
"""SQL keeps six digits of what it sums as floats."""


def frame(connection: duckdb.DuckDBPyConnection, query: str) -> pl.DataFrame:
    return pl.from_arrow(connection.sql(query).to_arrow_table())


@pytest.fixture(scope="module")
def plays(world: Settings) -> pl.DataFrame:
    """Every play of the world, which is younger than a year, in the order that realism reads."""
    with duckdb.connect(str(world.database), read_only=True) as connection:
        read = frame(
            connection,
            "select event_id, user_key, track_key, artist_key, ended_at, listening_ms, "
            "duration_ms, newness_score, popularity, genre_id "
            "from raw.user_events join dim_tracks using (track_key) "
            "join bridge_track_genres using (track_key) where is_primary",
        )
    minute = pl.col("ended_at").dt.epoch("ms") // MINUTES
    opens = pl.col("pause").is_null() | (pl.col("pause") > HALF_HOUR)
    return (
        read.with_columns(minute=minute, day=pl.col("ended_at").dt.date())
        .sort(
            "user_key", "minute", "listening_ms", "event_id", descending=[False, False, True, False]
        )
        .with_columns(
            pause=MINUTES * pl.col("minute").diff().over("user_key") - pl.col("listening_ms"),
            skip=pl.col("listening_ms") < 30_000,
        )
        .with_columns(session=opens.cast(pl.Int64).cum_sum().over("user_key"))
    )


def in_window(plays: pl.DataFrame, days: int) -> pl.DataFrame:
    """The plays of the last so many days, beside the previous one of the window."""
    last = plays["day"].max()
    kept = plays.filter((last - pl.col("day")).dt.total_days() < days)
    return kept.with_columns(
        position=pl.int_range(1, pl.len() + 1).over("user_key"),
        is_first=pl.int_range(pl.len()).over("user_key", "track_key") == 0,
        last_track=pl.col("track_key").shift().over("user_key"),
        last_artist=pl.col("artist_key").shift().over("user_key"),
        last_skip=pl.col("skip").shift().over("user_key", "session"),
        hearing=pl.int_range(1, pl.len() + 1).over("user_key", "track_key"),
        last_hearing_skip=pl.col("skip").shift().over("user_key", "track_key"),
        minutes_since=pl.col("minute").diff().over("user_key", "track_key"),
        artists_last_skip=pl.col("skip").shift().over("user_key", "artist_key"),
        artists_last_track=pl.col("track_key").shift().over("user_key", "artist_key"),
    )


def statistics(plays: pl.DataFrame, days: int) -> dict[str, float | None]:
    """The definitions of the reference, for the plays of one listener in a window."""
    track_counts = np.sort(plays["track_key"].value_counts()["count"].cast(pl.Int64))
    artist_counts = np.sort(plays["artist_key"].value_counts()["count"].cast(pl.Int64))
    sessions = plays["session"].value_counts()["count"].to_numpy()
    weekend = (plays["day"].dt.weekday() > 5).sum()
    measured = {
        "active_day_share": plays["day"].n_unique() / days,
        "weekend_to_weekday_ratio": 2.5 * weekend / (len(plays) - weekend)
        if weekend < len(plays)
        else None,
        "stopped_under_5s_share": (plays["listening_ms"] < 5000).mean(),
        "stopped_under_10s_share": (plays["listening_ms"] < 10_000).mean(),
        "stopped_under_30s_share": plays["skip"].mean(),
        "next_same_track_share": (plays["track_key"] == plays["last_track"]).mean(),
        "next_same_artist_share": (plays["artist_key"] == plays["last_artist"]).mean(),
        "skip_after_skip_share": plays.filter(pl.col("last_skip"))["skip"].mean(),
        "skip_after_play_share": plays.filter(~pl.col("last_skip"))["skip"].mean(),
        "tracks_per_session_mean": sessions.mean(),
        "tracks_per_session_median": np.median(sessions),
        "single_track_session_share": (sessions == 1).mean(),
        "sessions_per_active_day": len(sessions) / plays["day"].n_unique(),
        "repeat_share": 1 - len(track_counts) / len(plays),
        "gini_tracks_within_listener": np.abs(np.subtract.outer(track_counts, track_counts)).sum()
        / (2 * len(track_counts) * len(plays)),
        "top_10_artists_share": artist_counts[-10:].sum() / len(plays),
        "heaps_exponent_tracks": None,
    }
    if len(plays) > 20:
        distinct = plays["is_first"].cum_sum().to_numpy()[19:]
        positions = plays["position"].to_numpy()[19:]
        measured["heaps_exponent_tracks"] = np.polyfit(np.log(positions), np.log(distinct), 1)[0]
    return measured


def share(plays: pl.DataFrame, column: str, among: pl.Expr) -> float | None:
    """A share of plays; of fewer than thirty there is none."""
    kept = plays.filter(among)[column].drop_nulls()
    return kept.mean() if len(kept) >= 30 else None


def skips(plays: pl.DataFrame) -> dict[str, float | None]:
    """What a skip depends on, for the plays of one listener in a window."""
    ranks = (
        plays.group_by("artist_key")
        .agg(plays=pl.len(), first=pl.col("position").min())
        .sort("plays", "first", descending=[True, False])
        .with_row_index("artist_rank", 1)
    )
    plays = plays.join(ranks.select("artist_key", "artist_rank"), on="artist_key").sort("position")
    clean = ~pl.col("last_skip").fill_null(value=False)
    other = pl.col("artists_last_track") != pl.col("track_key")
    hours = pl.col("minutes_since") / 60
    measured = {}
    for name, column, among in (
        ("track_memory_all", "last_hearing_skip", pl.lit(value=True)),
        ("track_memory_clean", "last_hearing_skip", clean),
        ("artist_other_track_memory_all", "artists_last_skip", other),
    ):
        after_skip = share(plays, "skip", among & pl.col(column))
        after_play = share(plays, "skip", among & ~pl.col(column))
        measured[f"skip_{name}"] = (
            None if after_skip is None or after_play is None else after_skip - after_play
        )
        if name == "track_memory_clean":
            measured["skip_if_track_last_skipped_clean"] = after_skip
            measured["skip_if_track_last_played_clean"] = after_play
    for name, condition in (
        ("hearing_1", pl.col("hearing") == 1),
        ("hearing_3-5", pl.col("hearing").is_between(3, 5)),
        ("hearing_11-30", pl.col("hearing").is_between(11, 30)),
        ("hearing_31+", pl.col("hearing") > 30),
        ("artist_rank_1-10", pl.col("artist_rank") <= 10),
        ("artist_rank_11-50", pl.col("artist_rank").is_between(11, 50)),
        ("artist_rank_201+", pl.col("artist_rank") > 200),
        ("recency_<1h", hours < 1),
        ("recency_1-6h", (hours >= 1) & (hours < 6)),
        ("recency_1-7d", (hours >= 24) & (hours < 168)),
        ("recency_>30d", hours >= 720),
    ):
        measured[f"skip_{name}"] = share(plays, "skip", condition)
    for name, key, among in (
        ("tracks", "track_key", pl.lit(value=True)),
        ("tracks_clean", "track_key", clean),
        ("artists", "artist_key", pl.lit(value=True)),
    ):
        measured[f"skip_icc_{name}"] = intraclass_correlation(
            [
                own["skip"].to_numpy().astype(float)
                for _, own in plays.filter(among).group_by(key)
                if len(own) >= 4
            ]
        )
    return measured


def intraclass_correlation(groups: list[np.ndarray]) -> float | None:
    """ICC(1) of a one-way analysis of variance; none for fewer than two groups or thirty values."""
    count = sum(map(len, groups))
    if len(groups) < 2 or count < 30:
        return None
    grand = np.concatenate(groups).mean()
    between = sum(len(own) * (own.mean() - grand) ** 2 for own in groups) / (len(groups) - 1)
    within = sum(((own - own.mean()) ** 2).sum() for own in groups) / (count - len(groups))
    size = (count - sum(len(own) ** 2 for own in groups) / count) / (len(groups) - 1)
    scale = between + (size - 1) * within
    return (between - within) / scale if scale else None


def sequences(plays: pl.DataFrame) -> dict[str, float | None]:
    """What follows what in a session, for the plays of one listener in a window."""
    transitions, runs = [], [0]
    artist_runs: list[list[int]] = []
    heard: set[tuple[int, int]] = set()
    again = 0
    for (_,), session in plays.group_by("session", maintain_order=True):
        runs.append(0)
        last_track = last_artist = None
        played = set()
        for track, artist in session.select("track_key", "artist_key").iter_rows():
            if artist != last_artist:
                artist_runs.append([0, 0])
            artist_runs[-1][0] += 1
            artist_runs[-1][1] += artist != last_artist or track != last_track
            again += track in played and track != last_track
            played.add(track)
            if last_track is None or track == last_track:
                runs.append(0)
            else:
                is_repeated = (last_track, track) in heard
                transitions.append(is_repeated)
                heard.add((last_track, track))
                runs = [*runs[:-1], runs[-1] + 1] if is_repeated else [*runs, 0]
            last_track, last_artist = track, artist
    count = len(plays)
    return {
        "transition_repeats_earlier_share": np.mean(transitions)
        if len(transitions) >= 30
        else None,
        "longest_repeated_run": max(runs),
        "transitions_in_repeated_runs_of_3_share": sum(run for run in runs if run >= 3)
        / len(transitions)
        if transitions
        else None,
        "artist_runs_of_3_share": sum(n for n, tracks in artist_runs if n >= 3 and tracks >= 3)
        / count,
        "artist_runs_of_8_share": sum(n for n, tracks in artist_runs if n >= 8 and tracks >= 6)
        / count,
        "track_again_in_session_share": again / count,
    }


def days_and_pauses(plays: pl.DataFrame) -> dict[str, float | None]:
    """How plays spread over time, for the plays of one listener in a window."""
    number = (plays["day"] - plays["day"].min()).dt.total_days().to_numpy()
    daily = np.bincount(number)
    weeks = daily[: len(daily) // 7 * 7].reshape(-1, 7).sum(axis=1)
    tops = [
        own["track_key"].value_counts()["count"].max() / len(own)
        for week in range(len(weeks))
        if len(own := plays.filter(pl.Series(number // 7 == week))) >= 30
    ]
    opens = plays["position"] == 1
    opens |= plays["pause"] > HALF_HOUR
    gaps = plays.filter(opens & (plays["position"] > 1))["pause"].to_numpy() / 3_600_000
    pauses = plays.filter(~opens)["pause"]
    returns = plays["minutes_since"].drop_nulls().to_numpy() / 60
    return {
        "daily_plays_fano": daily.var() / daily.mean(),
        "daily_plays_autocorrelation_1": correlation(daily),
        "weekly_plays_autocorrelation_1": correlation(weeks),
        "longest_inactive_days": np.diff(np.flatnonzero(daily)).max(initial=1) - 1,
        "top_track_of_week_share_median": np.median(tops) if tops else None,
        "top_track_of_week_share_max": max(tops, default=None),
        "gap_between_sessions_hours_p25": np.percentile(gaps, 25) if len(gaps) else None,
        "gap_between_sessions_hours_p75": np.percentile(gaps, 75) if len(gaps) else None,
        "pause_over_3_minutes_inside_session_share": (pauses > 3 * MINUTES).mean()
        if len(pauses) >= 30
        else None,
        "return_hours_median": np.median(returns) if len(returns) else None,
        "return_under_24h_share": (returns < 24).mean() if len(returns) >= 30 else None,
    }


def correlation(values: np.ndarray) -> float | None:
    """Of all values but the last with all but the first; none where one side does not vary."""
    if len(values) < 3 or np.ptp(values[:-1]) == 0 or np.ptp(values[1:]) == 0:
        return None
    return np.corrcoef(values[:-1], values[1:])[0, 1]


def chosen(database: duckdb.DuckDBPyConnection, which: str) -> set[int]:
    rows = database.execute(f"select user_key from intermediate.int_realism_users where {which}")
    return {key for (key,) in rows.fetchall()}


def test_listeners_are_matched_by_their_activity(
    plays: pl.DataFrame, database: duckdb.DuckDBPyConnection
):
    days = (plays["day"].max() - plays["day"].min()).days + 1
    span = (pl.col("day").max() - pl.col("day").min()).dt.total_days() + 1
    users = plays.group_by("user_key").agg(span=span, rate=pl.len() / span)
    with (PROJECT_ROOT / "seeds" / "reference_activity.csv").open() as file:
        bins = [
            (float(row["plays_per_day_low"]), float(row["plays_per_day_high"]))
            for row in csv.DictReader(file)
        ]
    members = [
        sorted(
            users.filter((pl.col("rate") >= low) & (pl.col("rate") < high))
            .filter(pl.col("span") / days >= 150 / 365)["user_key"]
            .to_list(),
            key=lambda key: key * 2654435761 % 2**32,
        )
        for low, high in bins
    ]
    wanted = min(30, max(10, min(map(len, members))))
    expected = {key for keys in members for key in keys[:wanted]}
    assert len(expected) > 15
    assert chosen(database, "is_matched") == expected
    assert chosen(database, "is_sampled") == set(users["user_key"])


@pytest.mark.parametrize("window", [30, 365])
def test_statistics_of_every_listener_agree(
    window: int, plays: pl.DataFrame, database: duckdb.DuckDBPyConnection
):
    kept = in_window(plays, window)
    days = (kept["day"].max() - kept["day"].min()).days + 1
    expected = {
        (key, statistic): value
        for key in chosen(database, "is_matched")
        for family in (partial(statistics, days=days), skips, sequences, days_and_pauses)
        for statistic, value in family(kept.filter(pl.col("user_key") == key)).items()
        if value is not None
    }
    measured = {
        (key, statistic): value
        for key, statistic, value in database.execute(
            "select user_key, statistic, statistic_value "
            "from intermediate.int_realism_user_statistics "
            "where window_days = ? and statistic <> 'genre_affinity_correlation'",
            [window],
        ).fetchall()
    }
    assert len(expected) > 500
    assert measured == pytest.approx(expected, rel=CLOSE, abs=CLOSE)


def test_curves_agree(plays: pl.DataFrame, database: duckdb.DuckDBPyConnection):
    kept = plays.filter(pl.col("user_key").is_in(chosen(database, "is_matched"))).with_columns(
        position=pl.int_range(1, pl.len() + 1).over("user_key", "session"),
        length=pl.len().over("user_key", "session"),
        place=pl.int_range(pl.len()).over("user_key"),
    )
    lengths = kept.filter(pl.col("position") == 1)["length"].to_numpy()
    within = kept.filter(pl.col("position") > 1)["pause"].clip(0).to_numpy()
    long = kept.filter(pl.col("length") >= 10)
    lags = kept.with_columns(lag=pl.col("place").diff().over("user_key", "track_key"))["lag"]
    measured = kept.filter(pl.col("duration_ms").is_between(180_000, 300_000))
    expected = {
        ("session_tracks_quantile", 90): np.percentile(lengths, 90),
        ("session_continue_share", 3): (lengths > 3).sum() / (lengths > 2).sum(),
        ("gap_within_session_seconds_quantile", 75): np.percentile(within, 75) / 1000,
        ("skip_share_by_session_position", 4): long.filter(pl.col("position") == 4)["skip"].mean(),
        ("repeat_within_lag_share", 20): (lags.drop_nulls() <= 20).mean(),
        ("day_of_week_share", 0): (kept["day"].dt.weekday() == 7).mean(),
        ("cumulative_stop_by_second", 10): (measured["listening_ms"] <= 10_000).mean(),
    }
    rows = database.execute(
        "select curve, curve_point, curve_value from intermediate.int_realism_curves"
    ).fetchall()
    curves = {(curve, point): value for curve, point, value in rows}
    assert {key: curves[key] for key in expected} == pytest.approx(expected)


def test_effects_of_personality_and_taste_agree(
    plays: pl.DataFrame, database: duckdb.DuckDBPyConnection
):
    days = (plays["day"].max() - plays["day"].min()).days + 1
    choices = (
        in_window(plays, 365)
        .group_by("user_key")
        .agg(
            plays=pl.len(),
            familiar=1 - pl.col("is_first").mean(),
            loyal=(pl.col("artist_key") == pl.col("last_artist")).mean(),
            new=pl.col("newness_score").mean(),
            common=pl.col("popularity").mean(),
        )
        .filter(pl.col("plays") >= 5 * days)
        .join(frame(database, "from raw.user_traits"), on="user_key")
    )
    effects = dict(
        database.execute(
            "select statistic, effect_size from intermediate.int_realism_trait_effects"
        ).fetchall()
    )
    for side in ("familiar", "loyal", "new", "common"):
        with_trait, without = (
            choices.filter(pl.col(f"is_{side}") == has_trait)[side].to_numpy()
            for has_trait in (True, False)
        )
        pooled = (
            (len(with_trait) - 1) * with_trait.var(ddof=1)
            + (len(without) - 1) * without.var(ddof=1)
        ) / (len(choices) - 2)
        expected = (with_trait.mean() - without.mean()) / np.sqrt(pooled)
        assert effects[f"{side}_effect"] == pytest.approx(expected, abs=CLOSE)

    by_genre = plays.group_by("user_key", "genre_id").agg(plays=pl.len())
    preferred = (
        frame(database, "from raw.user_genre_preferences")
        .join(by_genre, on=["user_key", "genre_id"], how="left")
        .with_columns(pl.col("plays").fill_null(0))
    )
    expected = {
        key: spearmanr(own["affinity_score"], own["plays"]).statistic
        for (key,), own in preferred.group_by("user_key")
        if len(own) >= 3 and own["plays"].n_unique() > 1
    }
    measured = database.execute(
        "select user_key, statistic_value from intermediate.int_realism_diversity "
        "where statistic = 'genre_affinity_correlation'"
    ).fetchall()
    assert len(measured) > 10
    assert dict(measured) == pytest.approx(expected, abs=CLOSE)


def test_bands_are_in_order_and_shares_within_0_and_1():
    with (PROJECT_ROOT / "seeds" / "reference_per_listener.csv").open() as file:
        for row in csv.DictReader(file):
            band = [float(row[quantile]) for quantile in ("p10", "p25", "p50", "p75", "p90")]
            assert band == sorted(band), row
            if row["statistic"].endswith("_share"):
                assert band[0] >= 0, row
                assert band[-1] <= 1, row
    with (PROJECT_ROOT / "seeds" / "reference_published.csv").open() as file:
        for row in csv.DictReader(file):
            if row["lowest"]:
                assert float(row["lowest"]) <= float(row["published_value"])
                assert float(row["published_value"]) <= float(row["highest"])


def test_the_command_prints_the_mart_and_checks_it(world: Settings):
    outcome = run_tool("playback", "realism", "--check", database=world.database)
    assert outcome.returncode == 1, outcome.stderr
    with duckdb.connect(str(world.database), read_only=True) as connection:
        rows = connection.execute("select statistic, verdict from quality_realism").fetchall()
    verdicts = Counter(verdict for _, verdict in rows)
    outside = verdicts["outside"]
    assert f"{outside} of {outside + verdicts['inside']} statistics lie outside" in outcome.stderr
    for statistic in {statistic for statistic, _ in rows} - {"matched_listeners"}:
        assert statistic in outcome.stdout
    assert "not enough days" in outcome.stdout


def test_more_listeners_are_measured_when_asked_for(world: Settings, tmp_path: Path):
    copy = tmp_path / "world.duckdb"
    shutil.copyfile(world.database, copy)
    outcome = run_tool("playback", "realism", "--listeners", "20", database=copy)
    assert outcome.returncode == 0, outcome.stderr
    with duckdb.connect(str(copy), read_only=True) as connection:
        assert len(chosen(connection, "is_sampled")) == 20
        counts = connection.execute(
            "select distinct user_count from quality_realism "
            "where statistic = 'stopped_under_30s_share' and reference_type = 'population'"
        ).fetchall()
    assert counts == [(20,)]
    # What was exported is of the listeners before.
    exported = run_tool("playback", "export", "--exports", str(world.exports), database=copy)
    assert "unchanged" not in exported.stderr


def test_without_marts_it_says_what_to_run(world: Settings, tmp_path: Path):
    copy = tmp_path / "world.duckdb"
    shutil.copyfile(world.database, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("drop table quality_realism")
    for options in ((), ("--listeners", "20")):
        outcome = run_tool("playback", "realism", *options, database=copy)
        assert outcome.returncode == 2
        assert "playback build" in outcome.stderr
        assert len(outcome.stderr.strip().splitlines()) == 1


def test_it_offers_only_what_it_uses(tmp_path: Path):
    told = run_tool("playback", "realism", "--help", database=tmp_path / "none.duckdb").stdout
    assert "--listeners" in told
    assert "--lake" in told
    for option in ("--users", "--songs", "--seed", "--preset", "--until", "--exports"):
        assert option not in told
