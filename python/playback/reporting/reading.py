"""What the marts say of a whole world: every figure of the report, read with SQL."""

from collections.abc import Callable, Iterable
from itertools import starmap
from typing import Any, TypeVar

import numpy as np

from playback import histories
from playback.errors import PlaybackError
from playback.reporting.figures import (
    Counts,
    DayTotals,
    Figures,
    Finding,
    Graph,
    MonthTotals,
    MostPlayed,
    Split,
    Statistic,
)
from playback.warehouse import Warehouse
from playback.wrapped.year import Year, read_year

MARTS = (
    "agg_user_track_months",
    "dim_artists",
    "dim_dates",
    "dim_genres",
    "dim_tracks",
    "dim_users",
    "edge_list",
    "fct_listening_sessions",
    "graph_albums",
    "graph_artist_genres",
    "graph_artists",
    "graph_genres",
    "graph_listens",
    "graph_song_albums",
    "graph_song_artists",
    "graph_song_genres",
    "graph_songs",
    "graph_splits",
    "graph_user_genres",
    "graph_user_likes",
    "graph_users",
    "quality_realism",
    "quality_report",
    "wrapped_listeners",
    "wrapped_listening_clock",
    "wrapped_personalities",
    "wrapped_phases",
    "wrapped_top_artists",
    "wrapped_top_genres",
    "wrapped_top_tracks",
)
"""Every relation that the report reads."""

NODES = ("graph_users", "graph_songs", "graph_artists", "graph_albums", "graph_genres")
EDGES = (
    "graph_listens",
    "graph_song_artists",
    "graph_song_albums",
    "graph_song_genres",
    "graph_artist_genres",
    "graph_user_genres",
    "graph_user_likes",
)
SPLITS = ("train", "validation", "test")
TOP = 8
"""Rows of the lists of top artists, tracks and genres."""

Record = TypeVar("Record")


def read_figures(warehouse: Warehouse) -> Figures:
    """Read every figure of the page.

    Raises:
        PlaybackError: a mart is missing, or there are no plays in them.
    """
    missing = [mart for mart in MARTS if not warehouse.has_relation(mart)]
    if missing:
        others = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise PlaybackError(
            f"{warehouse.database} has no {missing[0]}{others} to report on: make them with "
            "`playback run`, or `playback build` if the plays are there"
        )
    months = _months(warehouse)
    if not months:
        raise PlaybackError(
            f"{warehouse.database} has no plays in its marts: make some with `playback run`, "
            "or `playback build` if the plays are there"
        )
    ((seed, version),) = warehouse.rows(
        "select min(case when catalogue_source <> ? then seed end), "
        "coalesce(min(version), 'unknown') from raw.world",
        histories.SOURCE,
    )
    real = warehouse.rows("select username from dim_users where is_imported order by user_key")
    year = _year(warehouse)
    personalities = [] if year is None else _personalities(warehouse, year)
    return Figures(
        seed=seed,
        real=[name for (name,) in real],
        version=version,
        quality=_quality(warehouse),
        realism=_realism(warehouse),
        days=_days(warehouse),
        months=months,
        totals=_totals(warehouse, months),
        skip_share=warehouse.rows(
            "select cast(sum(skip_count) as double) / nullif(sum(timed_count), 0) "
            "from agg_user_track_months"
        )[0][0],
        track_plays=_play_counts(warehouse, "track_key"),
        artist_plays=_play_counts(warehouse, "artist_key"),
        top_artists=_top_artists(warehouse),
        top_tracks=_top_tracks(warehouse),
        top_genres=_top_genres(warehouse),
        clock=_clock(warehouse),
        week=_week(warehouse),
        personality_year=year if personalities else None,
        personalities=personalities,
        year=None if year is None else _example(warehouse, year),
        graph=_graph(warehouse),
    )


def _quality(warehouse: Warehouse) -> list[Finding]:
    return _each(
        Finding,
        warehouse.rows(
            "select area, result_name, segment, window_days, curve_point, description, verdict, "
            "result_value, expected_low, expected_high, unit, passed_count, judged_count "
            "from quality_report order by report_order"
        ),
    )


def _realism(warehouse: Warehouse) -> list[Statistic]:
    return _each(
        Statistic,
        warehouse.rows(
            "select reference_type, statistic, definition, source, verdict, window_days, "
            "curve_point, simulated_p10, simulated_value, simulated_p90, reference_p10, "
            "reference_low, reference_value, reference_high, reference_p90 "
            "from quality_realism "
            "order by reference_type, statistic, window_days desc, curve_point"
        ),
    )


def _days(warehouse: Warehouse) -> list[DayTotals]:
    return _each(
        DayTotals,
        warehouse.rows(
            """
            with begun as (
                select
                    cast(started_at as date) as date_day,
                    count(distinct user_key) as listeners,
                    cast(sum(play_count) as bigint) as plays
                from fct_listening_sessions
                group by cast(started_at as date)
            )
            select dim_dates.date_day, coalesce(listeners, 0), coalesce(plays, 0)
            from dim_dates
            left join begun on dim_dates.date_day = begun.date_day
            order by dim_dates.date_day
            """
        ),
    )


def _months(warehouse: Warehouse) -> list[MonthTotals]:
    return _each(
        MonthTotals,
        warehouse.rows(
            """
            select
                played_month,
                cast(sum(play_count) as bigint),
                cast(coalesce(sum(listening_ms), 0) as bigint),
                cast(sum(skip_count) as double) / nullif(sum(timed_count), 0),
                cast(sum(complete_count) as double) / nullif(sum(timed_count), 0)
            from agg_user_track_months
            group by played_month
            order by played_month
            """
        ),
    )


def _totals(warehouse: Warehouse, months: list[MonthTotals]) -> dict[str, int]:
    return {
        "listeners": warehouse.count("dim_users"),
        "plays": sum(month.plays for month in months),
        **({"hours": hours} if (hours := _hours(months)) else {}),
        "sessions": warehouse.count("fct_listening_sessions"),
        "tracks": warehouse.count("dim_tracks"),
        "artists": warehouse.count("dim_artists"),
    }


def _hours(months: list[MonthTotals]) -> int:
    return sum(month.listening_ms for month in months) // 3_600_000


def _play_counts(warehouse: Warehouse, key: str) -> Counts:
    counts = warehouse.connection.execute(
        f"select cast(sum(play_count) as bigint) as plays from edge_list group by {key} "  # noqa: S608
        "order by plays desc"
    ).fetchnumpy()
    return counts["plays"].astype(np.int64)


def _top_artists(warehouse: Warehouse) -> list[MostPlayed]:
    return _each(
        MostPlayed,
        warehouse.rows(
            """
            select artist_name, '', cast(sum(play_count) as bigint) as plays
            from edge_list
            inner join dim_artists using (artist_key)
            group by artist_key, artist_name
            order by plays desc, artist_key
            limit ?
            """,
            TOP,
        ),
    )


def _top_tracks(warehouse: Warehouse) -> list[MostPlayed]:
    return _each(
        MostPlayed,
        warehouse.rows(
            """
            select track_name, artist_name, cast(sum(play_count) as bigint) as plays
            from edge_list
            inner join dim_tracks using (track_key)
            group by track_key, track_name, artist_name
            order by plays desc, track_key
            limit ?
            """,
            TOP,
        ),
    )


def _top_genres(warehouse: Warehouse) -> list[MostPlayed]:
    return _each(
        MostPlayed,
        warehouse.rows(
            """
            select genre_name, '', cast(sum(play_count) as bigint) as plays
            from edge_list
            inner join dim_tracks using (track_key)
            inner join dim_genres on primary_genre_id = genre_id
            group by genre_id, genre_name
            order by plays desc, genre_id
            limit ?
            """,
            TOP,
        ),
    )


def _clock(warehouse: Warehouse) -> list[int]:
    hours = dict(
        warehouse.rows(
            "select local_hour, cast(sum(listen_count) as bigint) from wrapped_listening_clock "
            "group by local_hour"
        )
    )
    return [hours.get(hour, 0) for hour in range(24)]


def _week(warehouse: Warehouse) -> Counts:
    sessions = warehouse.rows(
        """
        with begun as (
            select started_at + to_minutes(utc_offset_minutes) as local_at
            from fct_listening_sessions
            inner join dim_users using (user_key)
            asof inner join raw.timezone_periods
                on
                    dim_users.timezone = timezone_periods.timezone
                    and fct_listening_sessions.started_at >= timezone_periods.starts_at
        )
        select isodow(local_at), hour(local_at), count(*) from begun group by all
        """
    )
    week = np.zeros((7, 24), np.int64)
    for weekday, hour, count in sessions:
        week[weekday - 1, hour] = count
    return week


def _year(warehouse: Warehouse) -> int | None:
    years = warehouse.rows(
        "select wrapped_year from wrapped_listeners where is_eligible "
        "group by wrapped_year order by count(*) desc, wrapped_year desc limit 1"
    )
    return years[0][0] if years else None


def _personalities(warehouse: Warehouse, year: int) -> list[tuple[str, str, int]]:
    return warehouse.rows(
        "select personality_code, personality_name, count(*) from wrapped_personalities "
        "where wrapped_year = ? group by personality_code, personality_name "
        "order by personality_code",
        year,
    )


def _example(warehouse: Warehouse, year: int) -> Year:
    ((user_id,),) = warehouse.rows(
        "select user_id from wrapped_listeners inner join dim_users using (user_key) "
        "where wrapped_year = ? and is_eligible "
        "order by is_imported desc, listen_count desc, user_key limit 1",
        year,
    )
    return read_year(warehouse, user_id, year)


def _graph(warehouse: Warehouse) -> Graph:
    ((*of_splits,),) = warehouse.rows(
        "select "  # noqa: S608  names of this package
        + ", ".join(
            f"cast(coalesce(sum({split}_play_count), 0) as bigint), "
            f"count(case when {split}_play_count > 0 then 1 end)"
            for split in SPLITS
        )
        + " from graph_listens"
    )
    counted = dict(zip(SPLITS, zip(of_splits[::2], of_splits[1::2], strict=True), strict=True))
    return Graph(
        nodes={mart: warehouse.count(mart) for mart in NODES},
        edges={mart: warehouse.count(mart) for mart in EDGES},
        splits=[
            Split(name, days, first_on, last_on, *counted[name])
            for name, days, first_on, last_on in warehouse.rows(
                "select split_name, day_count, first_on, last_on from graph_splits "
                "order by first_on"
            )
        ],
        songs_a_listener=_degrees(warehouse, "source_index"),
        listeners_a_song=_degrees(warehouse, "target_index"),
    )


def _degrees(warehouse: Warehouse, end: str) -> list[tuple[int, int]]:
    return warehouse.rows(
        f"with degrees as (select count(*) as degree from graph_listens group by {end}) "  # noqa: S608
        "select degree, count(*) from degrees group by degree order by degree"
    )


def _each(row: Callable[..., Record], rows: Iterable[tuple[Any, ...]]) -> list[Record]:
    return list(starmap(row, rows))
