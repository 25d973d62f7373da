"""The plays are a pure function of its inputs, however it is cut, stopped and resumed."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import fake_world
import random_presets
from playback import player
from playback.errors import PlaybackError
from playback.player import ledger
from playback.player.lifelike.calendar import FIRST_DAYS
from playback.presets import ClassicPlayer, Curve, LifelikePlayer
from playback.progress import Silent
from playback.settings import load_preset
from playback.warehouse import Warehouse

pytestmark = pytest.mark.slow

PRESETS = ("classic", "lifelike")


@pytest.fixture(scope="module", params=PRESETS)
def preset(request):
    return request.param


@pytest.fixture(scope="module")
def whole(preset, tmp_path_factory):
    """A world that was played in one run, one thread, one batch per month."""
    database = tmp_path_factory.mktemp("whole") / "world.duckdb"
    summary = fake_world.simulate(fake_world.settings(database, preset))
    assert summary.listeners == 40
    plays = fake_world.plays(database)
    assert summary.plays == len(plays) > 4000
    return plays


@pytest.mark.parametrize(
    ("threads", "batching"), [(3, {}), (2, {"block": 7}), (1, {"months": 12}), (4, {"block": 1})]
)
def test_threads_and_batches_change_nothing(tmp_path, preset, whole, threads, batching):
    chosen = fake_world.settings(tmp_path / "world.duckdb", preset, threads=threads)
    fake_world.simulate(chosen, **batching)
    assert fake_world.plays(chosen.database) == whole


@pytest.mark.parametrize("stops", [range(41), [0], [5, 5, 3, 30], [30, 31]])
def test_resumed_runs_equal_one_run(tmp_path, preset, whole, stops):
    database = tmp_path / "world.duckdb"
    for days in [*stops, 40]:
        until = fake_world.START + timedelta(days=days)
        fake_world.simulate(fake_world.settings(database, preset, until=until))
    assert fake_world.plays(database) == whole


@pytest.mark.parametrize("mechanism", [ClassicPlayer, LifelikePlayer])
def test_a_world_of_any_preset_is_resumed(mechanism, tmp_path_factory):
    """One run, many runs, and other threads and batches make the same plays, whatever the knobs."""

    @hypothesis_settings(max_examples=3, deadline=None, derandomize=True)
    @given(
        preset=random_presets.presets(mechanism),
        seed=st.integers(0, 2**63 - 1),
        stops=st.sets(st.integers(0, 9), min_size=1),
        block=st.integers(1, 3),
        months=st.integers(1, 3),
    )
    def resume(preset, seed, stops, block, months):
        folder = tmp_path_factory.mktemp("any")
        start, last = date(2024, 1, 26), 10
        chosen = [
            fake_world.settings(
                folder / f"{name}.duckdb", seed=seed, users=3, songs=60, artists=9, start=start,
                until=start + timedelta(days=last), threads=threads,
            ).model_copy(update={"preset": preset})
            for name, threads in (("whole", 1), ("other", 3), ("resumed", 2))
        ]  # fmt: skip
        whole, other, resumed = chosen
        fake_world.simulate(whole)
        fake_world.simulate(other, block=block, months=months)
        for days in (*sorted(stops), last):
            until = {"until": start + timedelta(days=days)}
            fake_world.simulate(resumed.model_copy(update=until))
        plays = fake_world.plays(whole.database)
        assert fake_world.plays(other.database) == plays
        assert fake_world.plays(resumed.database) == plays

    resume()


@pytest.mark.parametrize("seconds", [1799.0, 1800.0, 1801.0, 5400.0])
def test_pauses_of_any_length_are_read_back(tmp_path, seconds):
    """A session ends with a pause of more than 30 minutes, also for who goes on playing."""
    sessions = load_preset("lifelike").player.sessions
    pauses = Curve(share=(0, 1), value=(seconds, seconds))
    knobs = {"sessions": sessions.model_copy(update={"gap_seconds": pauses})}
    whole, resumed = tmp_path / "whole.duckdb", tmp_path / "resumed.duckdb"
    fake_world.simulate(fake_world.settings(whole, knobs=knobs))
    for days in range(0, 41, 2):
        until = fake_world.START + timedelta(days=days)
        fake_world.simulate(fake_world.settings(resumed, knobs=knobs, until=until))
    assert fake_world.plays(resumed) == fake_world.plays(whole)


def test_a_short_memory_is_read_back_too(tmp_path):
    knobs = {"history_plays": 16}
    whole, resumed = tmp_path / "whole.duckdb", tmp_path / "resumed.duckdb"
    fake_world.simulate(fake_world.settings(whole, knobs=knobs))
    for day in (date(2024, 1, 9), date(2024, 2, 10)):
        fake_world.simulate(fake_world.settings(resumed, knobs=knobs, until=day))
    assert fake_world.plays(resumed) == fake_world.plays(whole)


def test_listeners_added_later_change_nothing(tmp_path, preset, whole):
    database = tmp_path / "world.duckdb"
    for users, until in ((11, date(2024, 1, 8)), (12, date(2024, 2, 3)), (40, date(2024, 2, 10))):
        fake_world.simulate(fake_world.settings(database, preset, users=users, until=until))
    assert fake_world.plays(database) == whole


def test_a_run_that_breaks_off_is_resumed(tmp_path, preset, whole, monkeypatch):
    chosen = fake_world.settings(tmp_path / "world.duckdb", preset, threads=2)
    record = ledger.record
    for batches in (0, 1, 3):
        left = [batches]

        def break_off(*args, left=left):
            if not left[0]:
                raise KeyboardInterrupt
            left[0] -= 1
            record(*args)

        monkeypatch.setattr(ledger, "record", break_off)
        with pytest.raises(KeyboardInterrupt):
            fake_world.simulate(chosen, block=9)
        ((stored, noted),) = fake_world.read(
            chosen.database,
            "select (select count(*) from raw.user_events), "
            "(select coalesce(sum(play_count), 0) from raw.simulation_batches)",
        )
        assert stored == noted
    monkeypatch.setattr(ledger, "record", record)
    fake_world.simulate(chosen)
    assert fake_world.plays(chosen.database) == whole


def test_plays_that_are_finished_are_left_alone(tmp_path):
    database = tmp_path / "world.duckdb"
    fake_world.simulate(fake_world.settings(database))
    before = fake_world.plays(database)
    for until in (date(2024, 2, 10), date(2024, 1, 3)):
        summary = fake_world.simulate(fake_world.settings(database, until=until))
        assert summary.plays == 0
    assert fake_world.plays(database) == before


def test_ledger_covers_every_listener_and_day_once(tmp_path):
    database = tmp_path / "world.duckdb"
    for users, until in ((11, date(2024, 1, 8)), (40, date(2024, 3, 2))):
        fake_world.simulate(fake_world.settings(database, users=users, until=until), block=16)
    assert fake_world.read(
        database,
        "select count(*), count(distinct (user_key, day)), min(day)::date, max(day)::date "
        "from raw.simulation_batches, range(first_user_key, last_user_key + 1) as u (user_key), "
        "range(window_start, window_end + 1, interval 1 day) as d (day)",
    ) == [(40 * 62, 40 * 62, date(2024, 1, 1), date(2024, 3, 2))]


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"seed": 8}, r"made with --seed 7, not 8: use --seed 7"),
        ({"knobs": {"history_plays": 5}}, r"made with a preset of hash"),
        ({"start": date(2024, 1, 2)}, r"begin on 2024-01-01, not on 2024-01-02: use --start 2024"),
    ],
)
def test_another_source_is_refused(tmp_path, other, message):
    database = tmp_path / "world.duckdb"
    fake_world.simulate(fake_world.settings(database, users=5))
    before = fake_world.plays(database)
    chosen = fake_world.settings(database, users=5, until=date(2024, 3, 1), **other)
    with Warehouse(database) as warehouse, pytest.raises(PlaybackError, match=message) as fault:
        player.play(warehouse, chosen, Silent())
    assert "name another --database" in str(fault.value)
    assert fake_world.plays(database) == before


def test_a_changed_catalogue_or_version_is_refused(tmp_path, monkeypatch):
    chosen = fake_world.settings(tmp_path / "world.duckdb", users=5)
    fake_world.simulate(chosen)
    with Warehouse(chosen.database) as warehouse:
        with monkeypatch.context() as patch:
            patch.setattr(ledger, "VERSION", "0")
            patch.setattr(ledger.MadeFrom.__new__, "__defaults__", ("0",))
            with pytest.raises(PlaybackError, match="made by version"):
                player.play(warehouse, chosen, Silent())
        warehouse.connection.execute(
            "update main.dim_tracks set duration_ms = duration_ms + 1 where track_key = 8"
        )
        with pytest.raises(PlaybackError, match="made from another catalogue"):
            player.play(warehouse, chosen, Silent())


def test_missing_stages_are_named(tmp_path):
    chosen = fake_world.settings(tmp_path / "world.duckdb")
    with Warehouse(chosen.database) as warehouse:
        with pytest.raises(PlaybackError, match="playback build --selector catalogue"):
            player.play(warehouse, chosen, Silent())
        fake_world.build_catalogue(warehouse)
        with pytest.raises(PlaybackError, match="playback listeners"):
            player.play(warehouse, chosen, Silent())


def test_nothing_is_released_yet(tmp_path):
    chosen = fake_world.settings(tmp_path / "world.duckdb")
    with Warehouse(chosen.database) as warehouse:
        fake_world.build_catalogue(warehouse)
        warehouse.connection.execute("update main.dim_tracks set released_on = date '2024-01-02'")
        with pytest.raises(PlaybackError, match=r"no track .* is released by the first day"):
            player.play(warehouse, chosen, Silent())


@hypothesis_settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    mechanism=st.sampled_from(PRESETS),
    seed=st.integers(0, 2**63 - 1),
    songs=st.integers(1, 80),
    artists=st.integers(1, 20),
    start=st.dates(date(1999, 12, 1), date(2037, 12, 31)),
    days=st.integers(1, 40),
    history=st.integers(1, 40),
)
def test_plays_are_possible(
    tmp_path_factory, mechanism, seed, songs, artists, start, days, history
):
    database = tmp_path_factory.mktemp("possible") / "world.duckdb"
    until = start + timedelta(days=days - 1)
    knobs = {"history_plays": history}
    chosen = fake_world.settings(
        database, mechanism, seed=seed, songs=max(songs, artists), artists=artists, users=6,
        start=start, until=until, knobs=knobs,
    )  # fmt: skip
    with Warehouse(database) as warehouse:
        fake_world.build_catalogue(warehouse, chosen.songs, artists, start)
    fake_world.simulate(chosen, block=4)
    ((plays, listeners, ids, out_of_order, overlaps, unreleased, too_long, outside),) = (
        fake_world.read(
            database,
            f"""
            with plays as (
                select
                    *,
                    ended_at - to_milliseconds(listening_ms) as started_at,
                    lag(ended_at) over (partition by user_key order by event_id) as previous_at,
                from raw.user_events
            )
            select
                count(*),
                count(distinct user_key),
                count(distinct event_id),
                count(*) filter (ended_at <= previous_at),
                count(*) filter (started_at <= previous_at),
                count(*) filter (started_at::date < released_on),
                count(*) filter (listening_ms not between 0 and duration_ms),
                count(*) filter (
                    started_at < date '{start}' or ended_at >= date '{until}' + interval 1 day
                    or ended_at::date != date '1970-01-01' + ((event_id >> 12) & 65535)::int
                    or event_id >> 28 != user_key
                )
            from plays
            inner join main.dim_tracks using (track_key)
            """,
        )
    )
    assert plays == ids
    assert listeners == 6 or days < FIRST_DAYS
    assert (out_of_order, overlaps, unreleased, too_long, outside) == (0, 0, 0, 0, 0)
