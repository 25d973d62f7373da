"""What the marts say of the plays, worked out again with Polars from what their columns say."""

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

LISTS = 100
"""Length of the lists, `wrapped_list_length`."""

PLAYS = """
    select
        events.event_id, events.user_key, events.track_key, tracks.artist_key,
        tracks.primary_genre_id as genre_id, artists.primary_genre_id as artist_genre_id,
        events.listening_ms, tracks.duration_ms, tracks.release_year, tracks.released_on,
        events.ended_at, plays.local_started_at
    from raw.user_events as events
    inner join dim_tracks as tracks using (track_key)
    inner join dim_artists as artists using (artist_key)
    inner join intermediate.int_plays_in_local_time as plays using (event_id)
"""

listens = pl.col("is_listen").sum()
heard_ms = pl.col("listening_ms").sum()


@pytest.fixture
def plays(database: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Every play, with what it takes no other play to say."""
    is_complete = pl.col("listening_ms") * 5 >= pl.col("duration_ms") * 4
    return (
        database.sql(PLAYS)
        .pl()
        .with_columns(
            pl.col("listening_ms").cast(pl.Int64),
            is_complete=is_complete,
            is_skip=(pl.col("listening_ms") < 30_000) & ~is_complete,
            is_listen=(pl.col("listening_ms") > 30_000) | is_complete,
            is_under_30s=pl.col("listening_ms") < 30_000,
            started_at=pl.col("ended_at") - pl.duration(milliseconds="listening_ms"),
            played_month=pl.col("ended_at").dt.truncate("1mo").dt.date(),
            wrapped_year=pl.col("local_started_at").dt.year(),
            local_month=pl.col("local_started_at").dt.truncate("1mo").dt.date(),
            played_on=pl.col("local_started_at").dt.date(),
        )
    )


def agree(actual: duckdb.DuckDBPyRelation, expected: pl.DataFrame) -> None:
    """Both hold the same rows, but for the last digits of a division."""
    found = actual.pl()
    assert len(found)
    assert_frame_equal(
        found,
        expected.select(found.columns),
        check_row_order=False,
        check_dtypes=False,
        abs_tol=2e-8,
    )


def ranked(rows: pl.DataFrame, within: list[str], *last: str) -> pl.DataFrame:
    """The first of each list by listens, then listening time, then key or id; `rank` from 1."""
    order = ["listen_count", "listening_ms", *last]
    return (
        rows.filter(pl.col("listen_count") > 0)
        .sort(order, descending=[True, True, *(False for _ in last)])
        .with_columns(rank=pl.int_range(1, pl.len() + 1).over(within))
        .filter(pl.col("rank") <= LISTS)
        .with_columns(minutes=pl.col("listening_ms") // 60_000)
    )


def test_plays_are_skips_listens_or_neither(database, plays: pl.DataFrame):
    agree(database.sql("select event_id, is_skip, is_complete, started_at from fct_plays"), plays)
    assert not (plays["is_skip"] & plays["is_listen"]).any()


def test_track_months_sum_their_plays(database, plays: pl.DataFrame):
    agree(
        database.table("agg_user_track_months"),
        plays.group_by("user_key", "track_key", "played_month").agg(
            play_count=pl.len(),
            listen_count=listens,
            timed_count=pl.col("listening_ms").count(),
            skip_count=pl.col("is_skip").sum(),
            complete_count=pl.col("is_complete").sum(),
            under_30s_count=pl.col("is_under_30s").sum(),
            listening_ms=heard_ms,
            first_played_at=pl.col("started_at").min(),
            last_played_at=pl.col("ended_at").max(),
        ),
    )


def test_global_lists_sum_all_plays(database, plays: pl.DataFrame):
    for kind, key, dimension in (
        ("track", "track_key", "select track_key, track_id as item_id from dim_tracks"),
        ("artist", "artist_key", "select artist_key, artist_id as item_id from dim_artists"),
        ("genre", "genre_id", "select genre_id, genre_id as item_id from dim_genres"),
    ):
        summed = plays.group_by(key, "wrapped_year").agg(
            listener_count=pl.col("user_key").filter(pl.col("is_listen")).n_unique(),
            listen_count=listens,
            listening_ms=heard_ms,
        )
        named = summed.join(database.sql(dimension).pl(), on=key)
        agree(
            database.sql(
                "select item_id, wrapped_year, item_rank as rank, listener_count, listen_count, "
                f"minutes from wrapped_global_tops where item_kind = '{kind}'"
            ),
            ranked(named, ["wrapped_year"], "item_id"),
        )


def test_own_lists_and_clock_sum_all_plays(database, plays: pl.DataFrame):
    own = ["user_key", "wrapped_year"]
    for mart, key, rank in (
        ("wrapped_top_tracks", "track_key", "track_rank"),
        ("wrapped_top_artists", "artist_key", "artist_rank"),
        ("wrapped_top_genres", "genre_id", "genre_rank"),
    ):
        summed = plays.group_by(*own, key).agg(listen_count=listens, listening_ms=heard_ms)
        agree(
            database.sql(
                f"select user_key, {key}, wrapped_year, {rank} as rank, listen_count, minutes "
                f"from {mart}"
            ),
            ranked(summed, own, key),
        )
    hours = plays.with_columns(local_hour=pl.col("local_started_at").dt.hour())
    agree(
        database.table("wrapped_listening_clock"),
        hours.group_by(*own, "local_hour")
        .agg(listen_count=listens, minutes=heard_ms // 60_000)
        .filter(pl.col("listen_count") > 0),
    )


def test_phases_are_set_apart_by_their_genre(database, plays: pl.DataFrame):
    own = ["user_key", "wrapped_year"]
    phases = plays.with_columns(
        phase_number=(pl.col("local_started_at").dt.month() - 1) // 4 + 1,
        genre_id="artist_genre_id",
    )
    genres = (
        phases.group_by(*own, "phase_number", "genre_id")
        .agg(genre_listen_count=listens)
        .filter(pl.col("genre_listen_count") > 0)
        .with_columns(
            listen_count=pl.col("genre_listen_count").sum().over(*own, "phase_number"),
            of_year=pl.col("genre_listen_count").sum().over(*own, "genre_id")
            / pl.col("genre_listen_count").sum().over(*own),
        )
        .with_columns(
            apart=pl.col("genre_listen_count") / pl.col("listen_count") - pl.col("of_year")
        )
        .sort("apart", "genre_listen_count", "genre_id", descending=[True, True, False])
        .unique([*own, "phase_number"], keep="first", maintain_order=True)
    )
    artists = (
        phases.group_by(*own, "phase_number", "genre_id", "artist_key")
        .agg(artist_listens=listens, artist_ms=heard_ms)
        .sort("artist_listens", "artist_ms", "artist_key", descending=[True, True, False])
        .unique([*own, "phase_number", "genre_id"], keep="first", maintain_order=True)
    )
    agree(
        database.sql(
            "select user_key, genre_id, artist_key, wrapped_year, phase_number, listen_count, "
            "genre_listen_count from wrapped_phases"
        ),
        genres.join(artists, on=[*own, "phase_number", "genre_id"]),
    )


def test_fans_and_peaks_are_those_of_all_plays(database, plays: pl.DataFrame):
    fans = (
        plays.group_by("user_key", "artist_key", "wrapped_year")
        .agg(listen_count=listens, listening_ms=heard_ms)
        .filter(pl.col("listen_count") > 0)
        .with_columns(
            fan_rank=pl.col("listening_ms")
            .rank("min", descending=True)
            .over("artist_key", "wrapped_year"),
            fan_count=pl.len().over("artist_key", "wrapped_year"),
        )
    )
    peaks = (
        plays.group_by("user_key", "artist_key", "wrapped_year", "local_month")
        .agg(listens=listens, ms=heard_ms)
        .sort("listens", "ms", "local_month", descending=[True, True, False])
        .unique(["user_key", "artist_key", "wrapped_year"], keep="first", maintain_order=True)
        .rename({"local_month": "peak_month"})
    )
    expected = fans.join(peaks, on=["user_key", "artist_key", "wrapped_year"])
    agree(
        database.sql(
            "select user_key, artist_key, wrapped_year, fan_rank, fan_count, peak_month "
            "from wrapped_top_artists"
        ),
        expected,
    )


def test_days_and_first_plays_of_a_year(database, plays: pl.DataFrame):
    own = ["user_key", "wrapped_year"]
    days = (
        plays.group_by(*own, "played_on")
        .agg(busiest_listen_count=listens, ms=heard_ms)
        .filter(pl.col("busiest_listen_count") > 0)
        .sort("ms", "played_on", descending=[True, False])
        .unique(own, keep="first", maintain_order=True)
        .select(
            *own,
            "busiest_listen_count",
            busiest_minutes=pl.col("ms") // 60_000,
            busiest_on="played_on",
        )
    )
    firsts = (
        plays.sort("started_at", "track_key")
        .unique(own, keep="first", maintain_order=True)
        .select(*own, first_track_key="track_key", first_played_at="started_at")
    )
    new = plays.filter("is_listen").select(
        "user_key",
        "wrapped_year",
        *(
            (pl.col("wrapped_year") == pl.col("wrapped_year").min().over("user_key", key))
            .and_(pl.struct(*own, key).is_first_distinct())
            .alias(f"new_{kind}_count")
            for kind, key in (("track", "track_key"), ("artist", "artist_key"))
        ),
    )
    agree(
        database.sql(
            "select user_key, wrapped_year, first_track_key, busiest_listen_count, "
            "busiest_minutes, busiest_on, first_played_at, new_track_count, new_artist_count "
            "from wrapped_listeners"
        ),
        days.join(firsts, on=own).join(new.group_by(own).sum(), on=own),
    )


def test_behaviours_are_what_their_description_says(database, plays: pl.DataFrame):
    own = ["user_key", "wrapped_year"]
    tracks = database.sql("select track_key, primary_genre_id, popularity from dim_tracks").pl()
    less_popular = tracks.with_columns(
        share=(pl.col("popularity").rank("min") - 1).over("primary_genre_id")
        / (pl.len().over("primary_genre_id") - 1).clip(1)
    ).select("track_key", "share")
    months_apart = (pl.col("first").dt.year() - pl.col("released_on").dt.year()) * 12 + (
        pl.col("first").dt.month().cast(int) - pl.col("released_on").dt.month().cast(int)
    )
    newness = (
        plays.group_by(*own, "track_key")
        .agg(first=pl.col("started_at").min(), released_on=pl.col("released_on").first())
        .group_by(own)
        .agg(newness=-months_apart.clip(0).log1p().mean())
    )
    chances = (
        plays.group_by(*own, "artist_key")
        .agg(n=pl.len())
        .group_by(own)
        .agg(pairs=(pl.col("n") * (pl.col("n") - 1)).sum(), plays=pl.col("n").sum())
        .with_columns(chance=pl.col("pairs") / (pl.col("plays") * (pl.col("plays") - 1)))
    )
    sessions = database.sql("select event_id, listening_session_id, session_month from fct_plays")
    transitions = (
        plays.join(sessions.pl(), on="event_id")
        .sort("user_key", "event_id")
        .with_columns(
            place=pl.int_range(pl.len()).over("listening_session_id"),
            stays=(
                pl.col("artist_key") == pl.col("artist_key").shift().over("listening_session_id")
            ),
        )
        .filter(pl.col("place").is_between(1, 3))
        .group_by("user_key", wrapped_year=pl.col("session_month").dt.year())
        .agg(n=pl.len(), stays=pl.col("stays").sum())
    )
    measured = (
        plays.join(less_popular, on="track_key")
        .group_by(own)
        .agg(
            familiarity=1 - pl.struct("track_key", "played_month").n_unique() / pl.len(),
            commonality=pl.col("share").mean(),
        )
        .join(newness, on=own)
        .join(chances, on=own)
        .join(transitions, on=own, how="left")
        .with_columns(pl.col("n", "stays").fill_null(0))
        .with_columns(
            loyalty=(pl.col("stays") - pl.col("n") * pl.col("chance"))
            / ((pl.col("n") + 1) * (1 - pl.col("chance")))
        )
    )
    eligible = database.sql(
        "select user_key, wrapped_year from wrapped_listeners where is_eligible"
    )
    agree(
        database.sql(
            "select user_key, dimension, wrapped_year, cast(behaviour as double) as behaviour "
            "from intermediate.int_user_personality_scores"
        ),
        measured.join(eligible.pl(), on=own).unpivot(
            ["familiarity", "newness", "loyalty", "commonality"],
            index=own,
            variable_name="dimension",
            value_name="behaviour",
        ),
    )


def test_listening_age_is_what_its_description_says(database, plays: pl.DataFrame):
    own = ["user_key", "wrapped_year"]
    users = database.sql("select user_key, born_on from dim_users where born_on is not null").pl()
    heard = (
        plays.filter("is_listen")
        .join(users, on="user_key")
        .with_columns(group=(pl.col("wrapped_year") - pl.col("born_on").dt.year()) // 5)
        .group_by(*own, "group", "release_year")
        .agg(n=pl.len())
    )
    totals = heard.group_by(*own, "group").agg(total=pl.col("n").sum())
    peers = totals.group_by("wrapped_year", "group").agg(peer_count=pl.len())
    spans = (
        heard.join(pl.DataFrame({"offset": range(5)}), how="cross")
        .with_columns(span=pl.col("release_year") - pl.col("offset"))
        .filter(pl.col("span") + 4 <= pl.col("wrapped_year"))
        .group_by(*own, "group", "span")
        .agg(n=pl.col("n").sum())
        .join(totals, on=[*own, "group"])
        .join(peers, on=["wrapped_year", "group"])
        .with_columns(share=pl.col("n") / pl.col("total"))
        .with_columns(
            above=(
                pl.col("share")
                - pl.col("share").sum().over("wrapped_year", "group", "span") / pl.col("peer_count")
            ).round(8)
        )
        .sort("above", "n", "span", descending=True)
        .unique(own, keep="first", maintain_order=True)
    )
    agree(
        database.sql(
            "select user_key, wrapped_year, listening_age, listening_age_span_starts_year as span, "
            "listening_age_peer_count as peer_count from wrapped_listeners "
            "where listening_age is not null"
        ),
        spans.with_columns(
            listening_age=(pl.col("wrapped_year") - (pl.col("span") + 2) + 18).clip(upper_bound=100)
        ),
    )


def test_edges_count_skips_as_the_documented_feed_does(database, plays: pl.DataFrame):
    agree(
        database.sql(
            "select user_key, track_key, artist_key, play_count, skip_count, total_ms_played, "
            "avg_completion_ratio, first_played_at, last_played_at from edge_list"
        ),
        plays.group_by("user_key", "track_key", "artist_key").agg(
            play_count=pl.len(),
            skip_count=pl.col("is_under_30s").sum(),
            total_ms_played=heard_ms,
            avg_completion_ratio=(pl.col("listening_ms") / pl.col("duration_ms")).mean(),
            first_played_at=pl.col("started_at").min(),
            last_played_at=pl.col("ended_at").max(),
        ),
    )


def test_graph_edges_hold_every_play_in_its_split(database, plays: pl.DataFrame):
    splits = database.sql("select split_name as split, first_on from graph_splits").pl()
    by_split = (
        plays.with_columns(first_on=pl.col("ended_at").dt.date())
        .sort("first_on")
        .join_asof(splits.sort("first_on"), on="first_on")
    )
    is_train = pl.col("split") == "train"
    agree(
        database.sql(
            """
            select
                graph_users.user_key, graph_songs.track_key, train_play_count,
                validation_play_count, test_play_count, train_skip_count, train_completion_ratio,
                first_played_at, train_last_played_at
            from graph_listens
            inner join graph_users on graph_users.node_index = source_index
            inner join graph_songs on graph_songs.node_index = target_index
            """
        ),
        by_split.group_by("user_key", "track_key").agg(
            train_play_count=is_train.sum(),
            validation_play_count=(pl.col("split") == "validation").sum(),
            test_play_count=(pl.col("split") == "test").sum(),
            train_skip_count=pl.col("is_skip").filter(is_train).sum(),
            train_completion_ratio=(pl.col("listening_ms") / pl.col("duration_ms"))
            .filter(is_train)
            .mean()
            .fill_null(0),
            first_played_at=pl.col("started_at").min(),
            train_last_played_at=pl.col("ended_at").filter(is_train).max(),
        ),
    )
