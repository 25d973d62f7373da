"""An export is whole: the same bytes again, cut as asked, and never half-written."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from random import Random

import duckdb
import fastavro
import pytest

from conftest import BIN, Settings, run_tool, small_settings
from playback.errors import PlaybackError
from playback.products.feeds import FEEDS
from playback.products.tables import DayRows, spans
from playback.warehouse import Warehouse
from shipped_files import (
    HEADERS,
    contents,
    copy_of,
    edges_beside_sessions,
    export,
    manifest_of,
    rows_in,
    rows_of,
)


def bytes_in(folder: Path) -> int:
    sizes = []
    with suppress(FileNotFoundError):  # folders come and go, and files in them
        for file in folder.rglob("*"):
            with suppress(FileNotFoundError):
                sizes.append(file.stat().st_size)
    return sum(sizes)


@pytest.mark.parametrize("feed", ["csv", "avro", "parquet"])
def test_a_second_export_has_the_same_bytes(shipped: Settings, tmp_path: Path, feed: str):
    again = export(copy_of(shipped, tmp_path, threads=1), feed)
    for name, data in contents(again).items():
        assert data == (shipped.exports / name).read_bytes(), name


def test_a_window_cuts_each_file_by_its_own_moment(shipped: Settings, tmp_path: Path):
    since, until = date(2024, 1, 30), date(2024, 2, 2)
    folder = export(copy_of(shipped, tmp_path), "csv", "avro", since=since, until=until)
    starts = [
        datetime.fromisoformat(row["timestamp"]).date()
        for row in rows_of(folder / "csv" / "synthetic_sessions.csv")
    ]
    assert {min(starts), max(starts)} == {since, until}
    with (folder / "avro" / "user_events.avro").open("rb") as file:
        ends = [event["timestamp"].date() for event in fastavro.reader(file)]
    assert {min(ends), max(ends)} == {since, until}
    with Warehouse(shipped.database) as warehouse:
        for column, moments in (("started_at", starts), ("ended_at", ends)):
            inside = f"fct_plays where cast({column} as date) between '{since}' and '{until}'"
            assert warehouse.count(inside) == len(moments)
    assert len(rows_of(folder / "csv" / "synthetic_users.csv")) == shipped.users
    manifest = manifest_of(folder / "csv")
    assert manifest["window"] == {"since": "2024-01-30", "until": "2024-02-02"}
    assert manifest["tables"]["synthetic_users"]["window"]["since"] == "2024-01-01"
    edges, differing = edges_beside_sessions(folder / "csv")
    assert edges > 500
    assert differing == 0


def test_a_window_around_everything_changes_nothing(shipped: Settings, tmp_path: Path):
    """The edges of a window come from a query of their own, which must agree with the mart."""
    settings = copy_of(shipped, tmp_path)
    folder = export(settings, "csv", since=date(2020, 1, 1), until=date(2030, 1, 1)) / "csv"
    edges, edges_of_window = (
        duckdb.sql(f"from '{each}/edge_list.parquet'").fetchall()
        for each in (shipped.exports / "csv", folder)
    )
    assert edges == edges_of_window
    for name, data in contents(shipped.exports / "csv").items():
        if name.endswith(".csv"):
            assert (folder / name).read_bytes() == data, name


def test_parts_are_the_whole(shipped: Settings, tmp_path: Path):
    folder = export(copy_of(shipped, tmp_path), "csv", "avro", part_rows=9_000)
    parts = sorted((folder / "csv" / "synthetic_sessions").iterdir())
    assert len(parts) > 3
    lines = [part.read_text().splitlines() for part in parts]
    header = HEADERS["synthetic_sessions"]
    assert all(part[0] == header and len(part) <= 9_001 for part in lines)
    whole = (shipped.exports / "csv" / "synthetic_sessions.csv").read_text().splitlines()
    assert [header, *(line for part in lines for line in part[1:])] == whole
    events = sorted((folder / "avro" / "user_events").iterdir())
    assert sum(rows_in(part) for part in events) == len(whole) - 1
    export(small_settings(tmp_path), "csv", "avro")
    assert not (folder / "csv" / "synthetic_sessions").exists()
    assert contents(folder / "csv") == contents(shipped.exports / "csv")


def test_days_are_cut_into_spans():
    days = [DayRows(date(2024, 1, 1 + number), rows) for number, rows in enumerate((3, 3, 9, 1, 2))]
    assert [[day.rows for day in span] for span in spans(days, 6)] == [[3, 3], [9], [1, 2]]
    assert spans(days, None) == [days]
    assert spans([], 6) == []


def test_only_some_tables_leave_the_others_alone(shipped: Settings, tmp_path: Path):
    settings = copy_of(shipped, tmp_path)
    folder = export(settings, "csv") / "csv"
    former = contents(folder)
    export(settings, "csv", only=("synthetic_users",), part_rows=25)
    latter = contents(folder)
    assert {name for name in latter if name.startswith("synthetic_users")} == {
        f"synthetic_users/part-0000{number}.csv" for number in range(3)
    }
    for name in former.keys() - {"synthetic_users.csv", "README.md"}:
        if name not in ("croissant.json", "manifest.json"):
            assert latter[name] == former[name]
    listed = {entry["file"] for entry in manifest_of(folder)["files"]}
    assert listed == {name for name in latter if name.endswith((".csv", ".parquet"))}
    export(settings, "csv")
    assert contents(folder) == former


def test_only_does_not_mix_worlds(shipped: Settings, tmp_path: Path):
    settings = copy_of(shipped, tmp_path)
    folder = export(settings, "avro") / "avro"
    with Warehouse(settings.database) as warehouse:
        warehouse.connection.execute("update raw.world set seed = 8")
        warehouse.clear("stage_runs")
    former = contents(folder)
    with pytest.raises(PlaybackError, match="another world") as refusal:
        export(settings, "avro", only=("users",))
    assert "\n" not in str(refusal.value)
    assert contents(folder) == former
    export(settings, "avro")
    assert manifest_of(folder)["seed"] == 8


def is_killed_exporting(settings: Settings, feed: str, enough: float) -> bool:
    """Kill an export that has written more than so many bytes; False if it ended before."""
    command = [
        *(BIN / "playback", "export", feed),
        *("--database", settings.database, "--exports", settings.exports),
    ]
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE)
    partial = settings.exports / FEEDS[feed].folder / ".playback"
    while bytes_in(partial) <= enough and process.poll() is None:
        time.sleep(0.001)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("feed", ["csv", "avro", "parquet"])
def test_a_killed_export_leaves_the_former_whole(shipped: Settings, tmp_path: Path, feed: str):
    """Killed when a random share of the bytes is written, and then run again."""
    random = Random(feed)  # noqa: S311
    for attempt in range(10):
        settings = copy_of(shipped, tmp_path / str(attempt))
        folder = export(settings, feed) / FEEDS[feed].folder
        former = contents(folder)
        with Warehouse(settings.database) as warehouse:
            warehouse.connection.execute("update dim_tracks set track_name = upper(track_name)")
            warehouse.clear("stage_runs")
        if is_killed_exporting(settings, feed, random.random() * 0.6 * bytes_in(folder)):
            break
    else:
        pytest.fail("ten exports ended before they could be killed")
    assert contents(folder) == former
    export(settings, feed)
    assert not (folder / ".playback").exists()
    latter = contents(folder)
    assert latter.keys() == former.keys()
    assert latter != former


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["csv", "--only", "synthetic_users", "synthetic_sons"], "synthetic_songs"),
        (["avro", "--only", "synthetic_users"], "artists, tracks, user_events, users"),
        (["csv", "--since", "2024-02-02", "--until", "2024-02-01"], "--until 2024-02-01"),
        (["csv", "--since", "2034-01-01"], "2024-01-01 to 2024-02-14"),
        (["csv", "--part-rows", "0"], "--part-rows"),
        (["csv", "synthetic_users"], "--only synthetic_users"),
        (["json"], "json"),
        (["avro", "--safe-csv"], "--safe-csv is for CSV files"),
    ],
)
def test_an_impossible_export_is_one_line(
    shipped: Settings, tmp_path: Path, arguments: list[str], told: str
):
    outcome = run_tool(
        *("playback", "export", *arguments, "--exports", str(tmp_path / "exports")),
        database=shipped.database,
    )
    assert outcome.returncode == 2
    assert told in outcome.stderr
    assert len(outcome.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "exports").exists()
