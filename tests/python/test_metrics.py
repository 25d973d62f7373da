"""The semantic layer: `mf query` works, and says what the quality marts and the raw plays say."""

import csv
import json
import shutil
from pathlib import Path

import duckdb
import pytest

from conftest import run_tool

pytest.importorskip(
    "dbt_metricflow", reason="needs MetricFlow: pip install -c constraints.txt -e '.[metrics]'"
)

IN_QUALITY = (
    "skip_rate",
    "completion_rate",
    "tracks_per_session",
    "tracks_per_listener",
    "artists_per_listener",
    "track_diversity",
)

Answer = dict[str, dict[str, float | None]]
"""Metrics by name, for each group."""


def asked(project: Path, metrics: tuple[str, ...], group_by: str = "", *options: str) -> Answer:
    """What `mf query` answers; without a group, for the group `all`."""
    file = project / "answer.csv"
    outcome = run_tool(
        *("mf", "query", "--quiet", "--csv", str(file), "--metrics", ",".join(metrics)),
        *(("--group-by", group_by) if group_by else ()),
        *options,
        database=project / "world.duckdb",
        cwd=project,
    )
    assert outcome.returncode == 0, outcome.stdout[-4000:]
    with file.open() as lines:
        return {
            next(iter(row.values())) if group_by else "all": {
                metric: float(row[metric]) if row[metric] else None for metric in metrics
            }
            for row in csv.DictReader(lines)
        }


def found(project: Path, query: str) -> Answer:
    """The same from SQL whose first column is the group and whose others are metrics."""
    with duckdb.connect(str(project / "world.duckdb"), read_only=True) as connection:
        answer = connection.sql(query)
        return {
            str(group): dict(zip(answer.columns[1:], map(_number, values), strict=True))
            for group, *values in answer.fetchall()
        }


def _number(value: object) -> float | None:
    return None if value is None else float(value)


def quality(project: Path, segment_type: str) -> Answer:
    return found(
        project,
        f"""
        pivot (
            select segment_value, metric_name, value from quality_logical
            where segment_type = '{segment_type}'
        ) on metric_name in {IN_QUALITY} using any_value(value)
        """,
    )


def test_metrics_agree_with_the_quality_of_the_data(metrics_project: Path):
    assert asked(metrics_project, IN_QUALITY) == quality(metrics_project, "all")


def test_every_metric_goes_by_type_of_listener(metrics_project: Path):
    manifest = json.loads((metrics_project / "target" / "semantic_manifest.json").read_text())
    metrics = tuple(metric["name"] for metric in manifest["metrics"])
    growing = {"plays_growth", "plays_growth_in_a_week"}  # compare stretches of time
    answers = asked(metrics_project, tuple(set(metrics) - growing), "user__user_type")
    assert {
        group: {metric: values[metric] for metric in IN_QUALITY}
        for group, values in answers.items()
    } == quality(metrics_project, "user_type")
    assert len(answers) == 3
    for values in answers.values():
        assert all(values.values())
        assert values["genre_tracks_per_session"] == values["tracks_per_session"]
        assert values["session_plays"] == values["plays"]


def test_metrics_by_day_are_those_of_the_landed_plays(metrics_project: Path):
    metrics = ("plays", "listeners", "minutes", "skip_rate", "plays_growth_in_a_week")
    answers = asked(metrics_project, metrics, "metric_time")
    landed = found(
        metrics_project,
        """
        select
            cast(ended_at as date) as ended_on,
            count(*) as plays,
            count(distinct user_key) as listeners,
            sum(listening_ms) / 60000 as minutes,
            count(*) filter (listening_ms < 30000 and listening_ms < 0.8 * duration_ms)
            / count(*) as skip_rate,
            count(*) / lag(count(*), 7) over (order by ended_on) - 1 as plays_growth_in_a_week
        from raw.user_events
        inner join dim_tracks using (track_key)
        group by ended_on
        """,
    )
    assert {day[:10]: values for day, values in answers.items()} == landed
    assert len(answers) == 45


def test_growth_by_month_is_against_the_month_before(metrics_project: Path):
    answers = asked(metrics_project, ("plays_growth",), "metric_time__month")
    assert {month[:10]: values for month, values in answers.items()} == found(
        metrics_project,
        """
        select
            cast(date_trunc('month', ended_at) as date) as month,
            count(*) / lag(count(*)) over (order by month) - 1 as plays_growth
        from raw.user_events
        group by month
        """,
    )
    assert [values["plays_growth"] for values in answers.values()].count(None) == 1


def test_metrics_by_genre_are_those_of_the_plays(metrics_project: Path):
    metrics = ("plays", "completion_rate", "track_diversity", "genre_tracks_per_session")
    answers = asked(metrics_project, metrics, "genre__genre_name")
    assert len(answers) > 10
    assert answers == found(
        metrics_project,
        """
        select
            genre_name,
            count(*) as plays,
            count(*) filter (is_complete) / count(*) as completion_rate,
            count(distinct (user_key, track_key)) / count(*) as track_diversity,
            count(*) / count(distinct listening_session_id) as genre_tracks_per_session
        from fct_plays
        inner join dim_tracks using (track_key)
        inner join dim_genres on genre_id = primary_genre_id
        group by genre_name
        """,
    )


def test_metrics_may_be_filtered_by_listener_and_day(metrics_project: Path):
    power_weekends = (
        "{{ Dimension('user__user_type') }} = 'power' and {{ Dimension('date__is_weekend') }}"
    )
    answers = asked(metrics_project, ("plays",), "artist__artist_name", "--where", power_weekends)
    assert answers == found(
        metrics_project,
        """
        select artist_name, count(*) as plays
        from raw.user_events
        inner join raw.users using (user_key)
        inner join dim_tracks using (track_key)
        where user_type = 'power' and isodow(ended_at) in (6, 7)
        group by artist_name
        """,
    )


def test_a_personality_holds_for_the_plays_of_its_year(metrics_project: Path, tmp_path: Path):
    project = tmp_path / "project"
    shutil.copytree(metrics_project, project)
    with duckdb.connect(str(project / "world.duckdb")) as connection:
        connection.execute("update wrapped_personalities set wrapped_year = 2022 + user_key % 4")
    answers = asked(project, ("plays", "sessions"), "user__personality_name")
    assert len(answers) > 3
    assert answers == found(
        project,
        """
        with personalities as (
            select user_key, personality_name from wrapped_personalities where wrapped_year = 2024
        ),

        plays as (select user_key, count(*) as plays from fct_plays group by user_key),

        sessions as (
            select user_key, count(*) as sessions from fct_listening_sessions group by user_key
        )

        select coalesce(personality_name, ''), sum(plays) as plays, sum(sessions) as sessions
        from plays
        inner join sessions using (user_key)
        left join personalities using (user_key)
        group by all
        """,
    )
