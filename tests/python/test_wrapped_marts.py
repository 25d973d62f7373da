"""The marts beneath a Wrapped, against sums over the plays."""

from datetime import date
from pathlib import Path

from scipy.stats import spearmanr

from years import YEAR, Listener

LOCAL_PLAYS = """
    select
        user_key, track_key, artist_key, listening_ms, is_skip, user_id,
        listening_ms > 30000 or listening_ms >= 0.8 * duration_ms as is_listen,
        started_at + to_minutes(utc_offset_minutes) as local_started_at
    from fct_plays
    inner join dim_users using (user_key)
    inner join raw.timezone_periods
        on
            dim_users.timezone = timezone_periods.timezone
            and fct_plays.started_at >= timezone_periods.starts_at
            and fct_plays.started_at < timezone_periods.ends_at
"""
"""Every play on its listener's clock."""


def test_figures_are_sums_over_plays_of_the_local_year(database):
    expected = f"""
        select
            user_key,
            year(local_started_at) as wrapped_year,
            count(*) as play_count,
            count(*) filter (is_listen) as listen_count,
            count(*) filter (is_skip) as skip_count,
            sum(listening_ms)::bigint as listening_ms,
            count(distinct track_key) filter (is_listen) as track_count,
            count(distinct artist_key) filter (is_listen) as artist_count,
            count(distinct local_started_at::date) filter (is_listen)
                as listen_day_count
        from ({LOCAL_PLAYS})
        group by all
        having count(*) filter (is_listen) > 0
    """
    actual = """
        select user_key, wrapped_year, play_count, listen_count, skip_count, listening_ms,
            track_count, artist_count, listen_day_count
        from wrapped_listeners
    """
    differences = f"(({expected}) except ({actual})) union all (({actual}) except ({expected}))"
    assert database.execute(f"select * from ({differences})").fetchall() == []
    years = database.execute("select distinct wrapped_year from wrapped_listeners").fetchall()
    assert len(years) == 2, "somebody is in the old year while it is the new one in UTC"


def test_top_tracks_and_days_agree_with_the_plays(database, listener: Listener):
    local_year = f"select * from ({LOCAL_PLAYS}) where user_id = ? and year(local_started_at) = ?"
    top = database.execute(
        "select track_key, listen_count from wrapped_top_tracks "
        "where user_key = ? and wrapped_year = ? order by track_rank",
        [listener.user_key, YEAR],
    ).fetchall()
    assert (
        top
        == database.execute(
            "select track_key, count(*) filter (is_listen) as listens "
            f"from ({local_year}) group by track_key having listens > 0 "
            "order by listens desc, sum(listening_ms) desc, track_key limit 100",
            [listener.user_id, YEAR],
        ).fetchall()
    )
    days = [
        day
        for (day,) in database.execute(
            f"select distinct local_started_at::date as day from ({local_year}) "
            "where is_listen order by day",
            [listener.user_id, YEAR],
        ).fetchall()
    ]
    assert (
        longest_run(days)
        == database.execute(
            "select streak_day_count, streak_starts_on from wrapped_listeners "
            "where user_key = ? and wrapped_year = ?",
            [listener.user_key, YEAR],
        ).fetchone()
    )


def longest_run(days: list[date]) -> tuple[int, date]:
    """The length and first day of the longest run of days in a row, the first of equals."""
    runs: list[list[date]] = []
    for day in days:
        if runs and (day - runs[-1][-1]).days == 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    longest = max(runs, key=len)
    return len(longest), longest[0]


def test_every_eligible_listener_has_a_personality_and_nobody_else(database):
    assert (
        database.execute(
            "select user_key, wrapped_year from wrapped_listeners where is_eligible order by all"
        ).fetchall()
        == database.execute(
            "select user_key, wrapped_year from wrapped_personalities order by all"
        ).fetchall()
    )


def test_sides_are_even_and_do_not_follow_activity(database):
    rows = database.execute(
        """
        select familiarity_score, newness_score, loyalty_score, commonality_score, play_count
        from wrapped_personalities inner join wrapped_listeners using (user_key, wrapped_year)
        where wrapped_year = ? order by user_key
        """,
        [YEAR],
    ).fetchall()
    *scores, plays = zip(*rows, strict=True)
    assert len(plays) > 30
    for column in scores:
        assert abs(sum(score >= 0.5 for score in column) - len(column) / 2) <= 1
        assert abs(spearmanr(column, plays).statistic) < 0.3


def test_confusion_counts_every_personality_in_every_dimension(database):
    totals = database.execute(
        "select dimension, sum(listener_count) from wrapped_personality_confusion "
        "where wrapped_year = ? group by dimension",
        [YEAR],
    ).fetchall()
    ((listeners,),) = database.execute(
        "select count(*) from wrapped_personalities where wrapped_year = ?", [YEAR]
    ).fetchall()
    assert dict(totals) == dict.fromkeys(
        ("familiarity", "newness", "loyalty", "commonality", "all"), listeners
    )


def test_only_the_confusion_reads_the_truth():
    models = Path(__file__).parents[2] / "models"
    readers = {
        path.stem
        for path in models.rglob("*wrapped*/*.sql")
        if "user_traits" in path.read_text() or "genre_preferences" in path.read_text()
    }
    assert readers == {"wrapped_personality_confusion"}
