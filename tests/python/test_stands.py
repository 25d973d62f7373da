"""What stands is looked at before it is believed, and dbt by Playback hears Playback alone."""

import shutil
from pathlib import Path

import duckdb
import pytest

from conftest import Settings, run_tool
from playback import pipeline, transform
from playback.console import Console
from playback.errors import PlaybackError
from playback.settings import PROJECT_ROOT
from test_pipeline import Recorder, table_hashes


@pytest.fixture
def changed(world: Settings, tmp_path: Path) -> Settings:
    """A copy of the small world, to be changed by hand."""
    copy = Path(shutil.copyfile(world.database, tmp_path / "world.duckdb"))
    return world.model_copy(update={"database": copy, "exports": tmp_path / "exports"})


def by_hand(settings: Settings, statements: str) -> None:
    with duckdb.connect(str(settings.database)) as connection:
        connection.execute(statements)


def do(stage: str, settings: Settings) -> None:
    place, console = settings.place, Console()
    {
        "listeners": lambda: pipeline.make_listeners(
            place, settings.users, settings.preset, console
        ),
        "play": lambda: pipeline.play(place, settings.preset, settings.until, console),
        "build": lambda: pipeline.build(place, console),
        "export": lambda: pipeline.export(place, settings.exports, console),
        "graph": lambda: pipeline.make_graph(place, settings.exports, console),
    }[stage]()


@pytest.mark.parametrize(
    ("half", "statement"),
    [
        ("catalogue", "delete from main.dim_genres"),
        ("catalogue", "drop table seeds.genre_aliases"),
        ("catalogue", "drop view staging.stg_catalogue__artists"),
        ("listening", "drop table main.edge_list"),
        ("listening", "delete from main.dim_users where user_key = 3"),
        ("listening", "insert into main.edge_list select * from main.edge_list limit 1"),
        ("listening", "drop view feeds.feed_synthetic_users"),
        ("listening", "delete from intermediate.int_user_hours"),
    ],
)
def test_what_was_changed_by_hand_is_built_anew(
    changed: Settings, monkeypatch: pytest.MonkeyPatch, half: str, statement: str
):
    built = []

    def build(database, threads, what, progress):
        built.append((what.selector, what.full_refresh))
        return ["main.dim_tracks"]

    monkeypatch.setattr(transform, "build", build)
    by_hand(changed, statement)
    pipeline.build(changed.place, Console(), half, with_tests=False)
    assert built == [(half, True)]


def test_a_world_changed_by_hand_comes_out_as_it_was(
    changed: Settings, world: Settings, monkeypatch: pytest.MonkeyPatch
):
    """Raw tables and marts alike; and the options of another dbt project change nothing."""
    others = {"EMPTY": "1", "PROFILE": "theirs", "ENGINE_DEFER": "1", "STATE": "/nonexistent"}
    others |= {"TARGET_PATH": str(changed.exports), "LOG_PATH": str(changed.exports)}
    for name, value in others.items():
        monkeypatch.setenv(f"DBT_{name}", value)
    monkeypatch.setenv("HOME", str(changed.exports))
    by_hand(
        changed,
        "delete from main.dim_users; drop table main.dim_artists; delete from raw.world;"
        "delete from raw.users; delete from raw.tracks where track_key < 9;"
        "delete from main.agg_user_half_hours where played_month = date '2024-01-01'",
    )
    pipeline.land(changed.place, changed, Console())
    pipeline.build(changed.place, Console(), "catalogue", with_tests=False)
    pipeline.make_listeners(changed.place, changed.users, changed.preset, Console())
    pipeline.build(changed.place, Console(), "listening", with_tests=False)
    assert table_hashes(changed.database) == table_hashes(world.database)
    artifacts = changed.database.with_name("world.duckdb.dbt")
    assert (artifacts / "run").is_dir()
    assert sorted(it.name for it in changed.database.parent.iterdir()) == [
        "world.duckdb",
        "world.duckdb.dbt",
    ]
    recorder = Recorder()
    pipeline.build(changed.place, recorder, with_tests=False)
    assert recorder.ran == []


def test_stages_do_not_read_a_catalogue_that_was_changed(changed: Settings):
    by_hand(changed, "delete from main.dim_genres")
    for stage in ("listeners", "play"):
        with pytest.raises(PlaybackError, match=r"main\.dim_genres has 0 rows.*--selector cat"):
            do(stage, changed)
    with pytest.raises(PlaybackError, match=r"main\.dim_genres has 0 rows"):
        pipeline.build(changed.place, Console(), "listening", with_tests=False)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("delete from main.dim_users", r"main\.dim_users has 0 rows, and Playback has built 60"),
        ("drop table main.dim_artists", r"main\.dim_artists, which Playback has built, is gone"),
    ],
)
def test_nothing_is_shipped_of_marts_that_are_gone(changed: Settings, statement: str, told: str):
    by_hand(changed, statement)
    for stage in ("export", "graph"):
        with pytest.raises(PlaybackError, match=told):
            do(stage, changed)
    assert not changed.exports.exists()


@pytest.mark.parametrize(
    "statement",
    ["delete from raw.user_events where user_key = 1", "delete from raw.simulation_batches"],
)
def test_plays_that_were_changed_by_hand_are_told(changed: Settings, statement: str):
    by_hand(changed, statement)
    for stage in ("play", "listeners", "build", "export"):
        with pytest.raises(PlaybackError, match="was changed by hand") as refusal:
            do(stage, changed)
        assert "\n" not in str(refusal.value)


def test_listeners_who_have_played_are_not_left_out(changed: Settings):
    by_hand(changed, "delete from raw.users")
    with pytest.raises(PlaybackError, match="already holds 60 listeners"):
        pipeline.make_listeners(changed.place, 20, changed.preset, Console())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("database", "told"),
    [
        ("playback.duckdb", "no data yet in {folder}/playback.duckdb"),
        ("empty.duckdb", "empty.duckdb is not a DuckDB database"),
    ],
)
def test_dbt_from_elsewhere_makes_no_database(tmp_path: Path, database: str, told: str):
    """One that is not there stays away, one without a byte stays as it is."""
    (tmp_path / "empty.duckdb").touch()
    root = ("--project-dir", str(PROJECT_ROOT), "--profiles-dir", str(PROJECT_ROOT))
    paths = ("--target-path", str(tmp_path / "dbt"), "--log-path", str(tmp_path / "dbt"))
    outcome = run_tool("dbt", "--quiet", "show", "--inline", "select 1", *root, *paths,
                       database=Path(database), cwd=tmp_path)  # fmt: skip
    assert outcome.returncode != 0
    assert told.format(folder=tmp_path) in outcome.stdout
    assert sorted(it.name for it in tmp_path.iterdir()) == ["dbt", "empty.duckdb"]
    assert (tmp_path / "empty.duckdb").stat().st_size == 0
