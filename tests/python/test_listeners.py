from datetime import date

import numpy as np
import pytest

import fake_world
from playback import listeners
from playback.errors import PlaybackError
from playback.listeners.profiles import cities
from playback.progress import Silent
from playback.randomness import even_pairs, world_key
from playback.settings import load_preset
from playback.warehouse import Warehouse

TABLES = ("users", "user_traits", "user_genre_preferences")


def land(chosen):
    with Warehouse(chosen.database) as warehouse:
        if not warehouse.has_relation("dim_genres"):
            fake_world.build_catalogue(warehouse)
        listeners.land(warehouse, chosen, Silent())


def contents(database):
    return [
        fake_world.read(database, f"select * from raw.{table} order by all") for table in TABLES
    ]


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    database = tmp_path_factory.mktemp("listeners") / "many.duckdb"
    land(fake_world.settings(database, users=4000))
    return database


def test_listeners_added_later_are_those_asked_for_at_once(tmp_path, many):
    grown = tmp_path / "grown.duckdb"
    for users in (1, 700, 700, 4000):
        land(fake_world.settings(grown, users=users))
    assert contents(grown) == contents(many)


def test_profiles(many):
    users, names, oldest, youngest, first, last = fake_world.read(
        many,
        "select count(*), count(distinct username), min(birthdate), max(birthdate), "
        "min(registered_on), max(registered_on) from raw.users",
    )[0]
    assert users == names == 4000
    assert date(1933, 1, 1) < oldest < date(1950, 1, 1)
    assert date(2009, 1, 1) < youngest <= date(2011, 1, 1)
    assert date(2018, 1, 1) <= first < last <= fake_world.START
    known = {(f"{place.city}, {place.country}", *place[2:]) for place in cities()}
    stored = fake_world.read(many, "select location, country_code, timezone from raw.users")
    assert set(stored) <= known
    assert len(set(stored)) > 800
    assert fake_world.read(many, "select user_id from raw.users where user_key = 0") == [("U0001",)]


def test_types_activity_and_personalities(many):
    shares = dict(
        fake_world.read(many, "select user_type, count(*) / 4000 from raw.users group by all")
    )
    assert shares == pytest.approx({"casual": 0.5, "regular": 0.35, "power": 0.15}, abs=0.03)
    levels = fake_world.read(
        many,
        "select user_type, min(activity_level), max(activity_level) from raw.users group by all",
    )
    documented = {"casual": (0.1, 0.3), "regular": (0.3, 0.7), "power": (0.7, 1.0)}
    for user_type, low, high in levels:
        assert (low, high) == pytest.approx(documented[user_type], abs=0.01)
    personalities = fake_world.read(
        many,
        "select is_familiar, is_new, is_loyal, is_common, count(*) from raw.user_traits "
        "group by all",
    )
    assert len(personalities) == 16
    assert min(count for *_, count in personalities) > 180
    plays = np.array(
        fake_world.read(many, "select ln(plays_per_day) from raw.user_traits"), dtype=float
    )
    asked = load_preset("lifelike").listeners.plays_per_day
    assert np.median(plays) == pytest.approx(np.log(asked.median), abs=0.06)
    assert plays.std() == pytest.approx(asked.sigma, abs=0.05)


@pytest.mark.parametrize("seed", [1, 7, 42])
def test_even_pairs_fill_the_square_whatever_the_seed(seed):
    pairs = even_pairs(world_key(seed, "evenness"), np.arange(1000))
    cells, *_ = np.histogram2d(*pairs.T, bins=10, range=[(0, 1), (0, 1)])
    assert 6 <= cells.min() <= cells.max() <= 14, "ten random pairs a cell would be 2 to 20"
    assert abs(np.corrcoef(pairs.T)[0, 1]) < 0.02


def test_genres_and_affinities(many):
    counts = fake_world.read(
        many,
        "select user_type, min(genres), max(genres) from (select user_key, user_type, "
        "count(distinct genre_id) as genres from raw.users join raw.user_genre_preferences "
        "using (user_key) group by all) group by all",
    )
    assert set(counts) == {("casual", 1, 3), ("regular", 2, 5), ("power", 3, 8)}
    ranges = fake_world.read(
        many,
        "select least(place, 4), min(affinity_score), max(affinity_score) from (select *, "
        "row_number() over (partition by user_key order by affinity_score desc) as place "
        "from raw.user_genre_preferences) where place = 1 group by all",
    )
    assert ranges[0][1:] == pytest.approx((0.7, 1.0), abs=0.01)
    lowest = fake_world.read(many, "select min(affinity_score) from raw.user_genre_preferences")
    assert lowest[0][0] == pytest.approx(0.2, abs=0.01)
    popular = fake_world.read(
        many,
        "select genre_id from raw.user_genre_preferences group by all order by count(*) desc",
    )
    assert popular[0] == ("G001",)


def test_no_catalogue(tmp_path):
    chosen = fake_world.settings(tmp_path / "empty.duckdb")
    with (
        Warehouse(chosen.database) as warehouse,
        pytest.raises(PlaybackError, match=r"playback build --selector catalogue"),
    ):
        listeners.land(warehouse, chosen, Silent())


def test_fewer_listeners_than_stand(tmp_path):
    database = tmp_path / "world.duckdb"
    land(fake_world.settings(database, users=20))
    with pytest.raises(PlaybackError, match=r"already holds 20 listeners"):
        land(fake_world.settings(database, users=19))


@pytest.mark.parametrize("other", [{"seed": 8}, {"start": date(2023, 5, 1)}])
def test_another_world(tmp_path, other):
    database = tmp_path / "world.duckdb"
    land(fake_world.settings(database, users=20))
    before = contents(database)
    with pytest.raises(PlaybackError, match="another seed, preset, start or catalogue"):
        land(fake_world.settings(database, users=30, **other))
    assert contents(database) == before
