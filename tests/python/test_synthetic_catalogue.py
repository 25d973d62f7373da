"""The synthetic catalogue: exact after the joins, dirty before them, and shaped like music.

`found` joins the three files by itself, in Python, the way the catalogue's models do in SQL.
"""

import ast
import csv
import re
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from conftest import Settings, small_settings
from playback import catalogue
from playback.catalogue import synthetic
from playback.catalogue.synthetic.genres import GENRES
from playback.catalogue.synthetic.names import act_names
from playback.catalogue.synthetic.names import fold as fold_all
from playback.catalogue.synthetic.source_files import ids, python_list
from playback.catalogue.synthetic.vocabulary import UNMAPPED_GENRES, WORDS
from playback.progress import Silent
from playback.settings import PROJECT_ROOT
from playback.warehouse import Warehouse

SEED = 42
SONGS, ARTISTS = 20_000, 2_000
START = date(2024, 1, 1)

Files = dict[str, pd.DataFrame]


def build(songs: int, artists: int, *, seed: int = SEED, start: date = START) -> Files:
    tables = synthetic.build(seed, songs, artists, start)
    return {name: table.to_pandas() for name, table in tables.items()}


@pytest.fixture(scope="module")
def files() -> Files:
    return build(SONGS, ARTISTS)


@pytest.fixture(scope="module")
def wanted(files: Files) -> pd.DataFrame:
    """The tracks that were asked for, with their artists' columns beside them."""
    artists = files["artists"].set_index("id").add_prefix("artist_")
    tracks = files["tracks"][:SONGS].copy()
    tracks["artist_id"] = [ast.literal_eval(ids)[0] for ids in tracks["id_artists"]]
    tracks["year"] = tracks["release_date"].str[:4].astype(int)
    return tracks.join(artists, on="artist_id")


@pytest.fixture(scope="module")
def artists(files: Files) -> pd.DataFrame:
    return files["artists"][:ARTISTS]


def fold(name: str) -> str:
    return " ".join(name.split()).lower()


def found(files: Files) -> dict[str, str]:
    """Join the files: id of each track that all of them know → id of its artist."""
    known_artists = set(files["artists"]["id"])
    artists_of_name: dict[str, set[str | None]] = defaultdict(set)
    extended = files["tracks_extended"]
    for name, artist in zip(extended["track_name"], extended["artist_name"], strict=True):
        if pd.notna(name):
            artists_of_name[fold(name)].add(fold(artist) if pd.notna(artist) else None)
    tracks = files["tracks"]
    joined = {}
    columns = [tracks[column] for column in ("id", "name", "artists", "id_artists")]
    for track, name, artist_names, artist_ids in zip(*columns, strict=True):
        if pd.isna(name) or fold(name) not in artists_of_name:
            continue
        first_name, first_id = (ast.literal_eval(text)[0] for text in (artist_names, artist_ids))
        candidates = artists_of_name[fold(name)]
        if {fold(first_name), None} & candidates and first_id in known_artists:
            joined[track] = first_id
    return joined


# What the joins find


@pytest.mark.parametrize(
    ("songs", "artists"),
    [(1, 1), (2, 1), (3, 2), (35, 35), (36, 35), (400, 60), (500, 500), (3_000, 1)],
)
def test_the_joins_find_what_was_asked_for(songs: int, artists: int):
    joined = found(build(songs, artists))
    assert sorted(joined) == [f"T{number:05}" for number in range(1, songs + 1)]
    assert sorted(set(joined.values())) == [f"A{number:04}" for number in range(1, artists + 1)]


@pytest.mark.parametrize("seed", range(10))
def test_no_seed_breaks_the_joins(seed: int):
    joined = found(build(40, 7, seed=seed))
    assert (len(joined), len(set(joined.values()))) == (40, 7)


@pytest.mark.slow
def test_the_joins_find_what_was_asked_for_at_size(files: Files):
    joined = found(files)
    assert (len(joined), len(set(joined.values()))) == (SONGS, ARTISTS)


def test_joining_on_the_name_alone_fans_out(files: Files):
    """As in the real files, so that a model which forgets to choose a row is caught."""
    rows_of_name = files["tracks_extended"]["track_name"].dropna().map(fold).value_counts()
    names = files["tracks"]["name"][:SONGS].map(fold)
    assert names.map(rows_of_name).sum() > 1.2 * SONGS


def test_keys_and_ids_number_the_rows(files: Files):
    for table, key in (("artists", "artist_key"), ("tracks", "track_key")):
        assert files[table][key].tolist() == list(range(len(files[table])))
    assert files["artists"]["id"].tolist()[:2] == ["A0001", "A0002"]
    assert files["tracks"]["id"].tolist()[:2] == ["T00001", "T00002"]


def test_ids_grow_wider_with_the_catalogue():
    assert ids("T", 3, digits=5).to_pylist() == ["T00001", "T00002", "T00003"]
    assert ids("A", 10_000, digits=4)[0].as_py() == "A00001"


def test_no_artist_has_a_title_twice(wanted: pd.DataFrame):
    titles = wanted["name"].map(fold)
    assert not pd.DataFrame({"title": titles, "artist": wanted["artist_id"]}).duplicated().any()


# Determinism


def test_seed_and_sizes_decide_every_row():
    first, again = (synthetic.build(5, 300, 30, START) for _ in range(2))
    assert all(first[name].equals(again[name]) for name in first)
    other = synthetic.build(6, 300, 30, START)
    assert not any(first[name].equals(other[name]) for name in first)


def settings_of(folder: Path, **options: object) -> Settings:
    defaults = {"seed": SEED, "users": 1, "songs": 500, "artists": 50, "start": START}
    return small_settings(folder, **defaults | {"until": START} | options)


def landed_rows(folder: Path, threads: int) -> dict[str, list[tuple]]:
    folder.mkdir()
    settings = settings_of(folder, threads=threads)
    with Warehouse(settings.database, threads=threads) as warehouse:
        for _ in range(2):  # landing again replaces
            catalogue.land(warehouse, settings, Silent())
        return {
            table: warehouse.connection.execute(f"select * from raw.{table}").fetchall()
            for table in ("artists", "tracks", "tracks_extended", "track_audio_clusters")
        }


@pytest.mark.slow
def test_threads_change_no_landed_row(tmp_path: Path):
    one, four = (landed_rows(tmp_path / str(threads), threads) for threads in (1, 4))
    assert one == four
    assert all(one.values())


@pytest.mark.parametrize(
    "change",
    [{"seed": 1}, {"songs": 501}, {"artists": 51}, {"start": START + timedelta(days=1)}],
)
def test_fingerprint_follows_what_the_rows_depend_on(tmp_path: Path, change: dict[str, object]):
    settings = settings_of(tmp_path)
    ahead = START + timedelta(days=9)
    same = settings_of(tmp_path, users=9, threads=3, until=ahead, exports=tmp_path / "elsewhere")
    assert catalogue.fingerprint(settings) == catalogue.fingerprint(same)
    changed = settings_of(tmp_path, **({"until": ahead} | change))
    assert catalogue.fingerprint(changed) != catalogue.fingerprint(settings)


# Dirt


def dirt(files: Files) -> dict[str, int]:
    """Count each kind of dirt."""
    tracks, extended, artists = (files[table] for table in ("tracks", "tracks_extended", "artists"))
    names, extended_names = tracks["name"].dropna(), extended["track_name"].dropna()
    folded, extended_folded = names.map(fold), extended_names.map(fold)
    track_artists = tracks["id_artists"].map(ast.literal_eval)
    genres_of_name = extended.groupby(extended_folded)["genre"].nunique()
    return {
        "tracks in the tracks file alone": (~folded.isin(extended_folded)).sum(),
        "tracks in the extended file alone": (~extended_folded.isin(folded)).sum(),
        "names spelled otherwise": (
            ~extended_names.isin(names) & extended_folded.isin(folded)
        ).sum(),
        "names in several rows and genres": (genres_of_name > 1).sum(),
        "identical rows": tracks.drop(columns="track_key").duplicated().sum(),
        "tracks without a name": tracks["name"].isna().sum(),
        "tracks without features": tracks["energy"].isna().sum(),
        "extended rows without a name": extended["track_name"].isna().sum(),
        "extended rows without an artist": extended["artist_name"].isna().sum(),
        "artists without a name": artists["name"].isna().sum(),
        "artists without followers": artists["followers"].isna().sum(),
        "artists without genres": (artists["genres"] == "[]").sum(),
        "artists without tracks": (~artists["id"].isin(track_artists.explode())).sum(),
        "tracks of nobody known": (~track_artists.str[0].isin(artists["id"])).sum(),
    }


@pytest.mark.parametrize(("songs", "artists"), [(1, 1), (5_000, 500)])
def test_every_world_has_dirt(songs: int, artists: int):
    counts = dirt(build(songs, artists))
    if songs == 1:  # one track cannot be spelled otherwise and as it is; its artist has genres
        counts = {kind: count for kind, count in counts.items() if "otherwise" not in kind}
        del counts["artists without genres"]
    assert [kind for kind, count in counts.items() if not count] == []


def test_more_dirt_at_size(wanted: pd.DataFrame):
    titles = wanted["name"].map(fold)
    assert titles.duplicated().sum() > 100, "names that several artists share"
    assert wanted["artists"].str.contains('"').sum() > 10, "names with an apostrophe"
    assert wanted["artists"].str.contains(", ").mean() > 0.05, "tracks with a guest"
    length = wanted["release_date"].str.len()
    assert set(length) == {4, 7, 10}
    assert 0.05 < (length < 10).mean() < 0.25
    is_old = wanted["year"] < 1990
    assert (length[is_old] < 10).mean() > 2 * (length[~is_old] < 10).mean()


def test_lists_are_python_lists(files: Files):
    for text in [*files["artists"]["genres"], *files["tracks"]["artists"]]:
        assert repr(ast.literal_eval(text)) == text


def test_a_list_leaves_out_what_is_null():
    columns = [pa.array(["a", "b"]), pa.array(["O'C", None])]
    assert python_list(columns).to_pylist() == ["['a', \"O'C\"]", "['b']"]


def test_a_guest_in_the_title_is_among_the_artists(wanted: pd.DataFrame):
    guests = wanted["name"].str.extract(r"\(feat\. (.+?)\)(?: - |$)")[0].dropna()
    named = wanted.loc[guests.index, "artists"].map(ast.literal_eval)
    assert len(guests) > 100
    assert all(guest == names[1] for guest, names in zip(guests, named, strict=True))


# Names


def test_names_look_like_names(files: Files):
    names = files["artists"]["name"].dropna()
    titles = files["tracks"]["name"].dropna()
    assert not names.map(fold).duplicated().any()
    for text in [*names, *titles]:
        assert text == " ".join(text.split())
        assert re.search(r"[^\W\d]{2}", text), text
        assert not re.search(r"_|[{}]|artist\W?\d|track\W?\d", text, re.IGNORECASE), text
    assert names.str.len().between(2, 45).all()
    assert 0.05 < names.str.startswith("The ").mean() < 0.4
    assert titles.map(fold).nunique() > 0.8 * len(titles)


def test_any_number_of_acts_gets_names():
    """More acts than their genre has short names: the rest get longer ones, and no two alike."""
    genres = np.full(50_000, [genre.name for genre in GENRES].index("Hip Hop"))
    names = act_names(np.random.default_rng(SEED), genres)
    assert len(pc.unique(fold_all(names))) == len(genres)


@pytest.mark.parametrize("slot", WORDS)
def test_no_word_stands_twice(slot: str):
    assert [word for word, count in Counter(WORDS[slot].to_pylist()).items() if count > 1] == []


# Genres


def mapped_genre(source: str, aliases: dict[str, str]) -> str | None:
    """The longest alias among the whole words of a source genre decides."""
    folded = f" {fold(source.replace('-', ' '))} "
    known = [alias for alias in aliases if f" {alias} " in folded]
    return aliases[max(known, key=len)] if known else None


@pytest.fixture(scope="module")
def aliases() -> dict[str, str]:
    with (PROJECT_ROOT / "seeds" / "genres.csv").open(encoding="utf-8") as seed:
        names = {row["genre_id"]: row["genre_name"] for row in csv.DictReader(seed)}
    assert list(names.values()) == [genre.name for genre in GENRES]
    with (PROJECT_ROOT / "seeds" / "genre_aliases.csv").open(encoding="utf-8") as seed:
        return {row["alias"]: names[row["genre_id"]] for row in csv.DictReader(seed)}


def test_source_genres_mean_what_they_say(aliases: dict[str, str]):
    for genre in GENRES:
        words = [*genre.flavours, *WORDS["scene"].to_pylist()]
        sources = [f"{word} {genre.source_name}" for word in words]
        for source in [genre.source_name, genre.track_genre, *sources]:
            assert mapped_genre(source, aliases) == genre.name, source
    assert [source for source in UNMAPPED_GENRES if mapped_genre(source, aliases)] == []


@pytest.mark.parametrize("artists", [35, 60, 500])
def test_every_genre_has_an_artist(artists: int, aliases: dict[str, str]):
    files = build(artists, artists)
    lists = files["artists"]["genres"][:artists].map(ast.literal_eval)
    first = {mapped_genre(genres[0], aliases) for genres in lists if genres}
    assert first == {genre.name for genre in GENRES}


def test_one_in_a_hundred_source_genres_is_unknown(files: Files):
    tags = files["artists"]["genres"].map(ast.literal_eval).explode().dropna()
    for genres in (tags, files["tracks_extended"]["genre"]):
        assert 0.005 < genres.isin(UNMAPPED_GENRES).mean() < 0.02


def test_every_artist_has_a_known_genre(files: Files, wanted: pd.DataFrame):
    """One without a list has tracks whose genre is known."""
    untagged = wanted.loc[wanted["artist_genres"] == "[]", "id"]
    extended = files["tracks_extended"]
    odd = extended["track_id"].isin(untagged) & extended["genre"].isin(UNMAPPED_GENRES)
    assert len(untagged) > 0
    assert not odd.any()


def test_popular_artists_play_popular_genres(artists: pd.DataFrame, aliases: dict[str, str]):
    rank = {genre.name: number for number, genre in enumerate(GENRES, start=1)}
    tagged = artists[artists["genres"] != "[]"]
    ranks = tagged["genres"].map(
        lambda text: rank[mapped_genre(ast.literal_eval(text)[0], aliases)]
    )
    top = tagged["popularity"] > tagged["popularity"].quantile(0.8)
    bottom = tagged["popularity"] < tagged["popularity"].quantile(0.2)
    assert ranks[top].mean() < 0.85 * ranks[bottom].mean()


# Laws


def test_artist_popularity_is_a_power_law(artists: pd.DataFrame):
    """Density exponent 1.75-2.12 is published for listeners per artist; Hill's estimate over the
    top tenth is a little above the exponent of 2, for the head is flattened."""
    popularity = np.sort(artists["popularity"].to_numpy())[::-1]
    assert popularity[-1] > 0
    assert 75 < popularity[0] <= 100
    top = ARTISTS // 10
    exponent = 1 + 1 / np.log(popularity[:top] / popularity[top]).mean()
    assert 1.9 < exponent < 2.25
    assert 0.2 < popularity[: ARTISTS // 100].sum() / popularity.sum() < 0.45
    assert len(np.unique(popularity)) > 0.99 * ARTISTS, "integers would kill the tail"


def test_followers_follow_popularity(artists: pd.DataFrame):
    logs = np.log1p(artists[["popularity", "followers"]].astype(float))
    assert logs.corr().iloc[0, 1] > 0.7


def test_songs_are_popular_with_their_artists(wanted: pd.DataFrame):
    """Correlated, yet not the same: an artist's songs differ by more than a hit's share."""
    assert wanted["popularity"].between(0, 100).all()
    assert 0.6 < wanted["popularity"].corr(wanted["artist_popularity"]) < 0.95
    assert 0.5 < wanted["popularity"].corr(wanted["artist_popularity"], "spearman") < 0.9


def test_songs_an_artist_have_a_heavy_tail(wanted: pd.DataFrame):
    by_artist = wanted.groupby("artist_popularity").size().sort_index()
    assert by_artist.min() >= 1
    assert by_artist.max() > 6 * by_artist.mean()
    assert by_artist.iloc[-ARTISTS // 10 :].mean() > 1.3 * by_artist.mean()


def test_durations(wanted: pd.DataFrame):
    minutes = wanted["duration_ms"] / 60_000
    assert minutes.between(0.5, 10).all()
    assert 3.3 < minutes.mean() < 3.8
    assert (minutes == 0.5).sum() + (minutes == 10).sum() < 5, "none pile up at a bound"
    punk, progressive = (
        minutes[wanted["artist_genres"].str.match(rf"\['(\w+ )?{genre}'")]
        for genre in ("punk", "progressive")
    )
    assert punk.mean() < 0.6 * progressive.mean()


@pytest.mark.parametrize("start", [date(1990, 1, 1), START, date(2060, 7, 15)])
def test_releases_reach_from_the_sixties_to_three_years_ahead(start: date):
    released = build(4_000, 400, start=start)["tracks"]["release_date"][:4_000]
    years = released.str[:4].astype(int)
    upcoming = released[(released.str.len() == 10) & (released > start.isoformat())]
    assert years.min() in range(1960, 1970)
    assert upcoming.max() <= (start + timedelta(days=3 * 365)).isoformat()
    assert 0.19 <= len(upcoming) / len(released) <= 0.21
    recent = start.year - (start.year - 1960) // 4
    assert (years >= recent).mean() > 0.6, "the last quarter of the time has the bulk"
    quarters = pd.to_datetime(upcoming).dt.to_period("Q").value_counts()
    assert len(quarters) >= 12
    assert quarters.max() < 3 * quarters.median(), "spread over the three years"


def test_audio_features_stay_in_their_ranges(wanted: pd.DataFrame):
    shares = ["danceability", "energy", "speechiness", "acousticness", "instrumentalness"]
    shares += ["liveness", "valence"]
    for feature in shares:
        assert wanted[feature].between(0, 1).all(), feature
    assert wanted["loudness"].between(-60, 0).all()
    assert wanted["tempo"].between(45, 220).all()
    assert set(wanted["key"]) == set(range(12))
    assert set(wanted["mode"]) == {0, 1}
    assert 0.55 < wanted["mode"].mean() < 0.75
    assert set(wanted["time_signature"]) == {1, 3, 4, 5}
    assert set(wanted["explicit"]) == {0, 1}


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ("energy", "loudness", 0.6, 0.9),  # 0.68 in a real catalogue of popular music
        ("energy", "acousticness", -0.9, -0.5),  # -0.55
        ("danceability", "valence", 0.25, 0.6),  # 0.33
        ("loudness", "acousticness", -0.85, -0.3),  # -0.37
        ("energy", "tempo", 0.05, 0.4),  # 0.15
        ("danceability", "tempo", -0.3, 0.05),  # -0.18
    ],
)
def test_audio_features_hang_together(
    wanted: pd.DataFrame, one: str, other: str, low: float, high: float
):
    assert low < wanted[one].corr(wanted[other]) < high


def test_genres_sound_like_themselves(wanted: pd.DataFrame):
    def of(genre: str) -> pd.DataFrame:
        return wanted[wanted["artist_genres"].str.match(rf"\['([\w ]+ )?{genre}'")]

    assert of("hip hop")["speechiness"].mean() > 2 * of("rock")["speechiness"].mean()
    assert of("hip hop")["explicit"].mean() > 0.3 > of("country")["explicit"].mean()
    assert of("metal")["energy"].mean() > of("folk")["energy"].mean() + 0.3
    assert of("classical")["acousticness"].mean() > 0.8 > of("rock")["acousticness"].mean()
    assert of("techno")["instrumentalness"].mean() > 0.5 > of("pop")["instrumentalness"].mean()
    is_live = wanted["name"].str.contains(r" - Live\b")
    assert wanted["liveness"][is_live].mean() > wanted["liveness"][~is_live].mean() + 0.4


def test_an_artist_sounds_like_itself(wanted: pd.DataFrame):
    """Two tracks of one artist are closer than two of anybody."""
    energy = wanted.groupby("artist_id")["energy"]
    within = (energy.var() * (energy.size() - 1)).sum() / (energy.size() - 1).sum()
    assert within < 0.75 * wanted["energy"].var()


@pytest.mark.slow
def test_albums_come_out_whole_on_one_day(wanted: pd.DataFrame):
    """An artist's album has numbers without gap, up to 20, and one date."""
    albums = wanted.assign(folded=wanted["album_name"].map(fold)).groupby(["artist_id", "folded"])
    compiled = compilations(wanted)
    own = albums.filter(lambda tracks: not compiled.intersection(tracks["album_name"]))
    own = own.groupby(["artist_id", "folded"])
    assert (own["release_date"].nunique() == 1).all()
    assert (own["track_number"].max() == own.size()).all()
    assert (own["track_number"].nunique() == own.size()).all()
    assert own.size().max() in range(16, 21)
    assert (own.size() == 1).mean() > 0.4, "most releases are singles"
    on_albums = own.size()[own.size() > 3].sum() / own.size().sum()
    assert 0.55 < on_albums < 0.85, "most tracks are on albums"


def compilations(tracks: pd.DataFrame) -> set[str]:
    """Names that tracks of several artists came out under on one day."""
    artists = tracks.groupby(["album_name", "release_date"])["artist_id"].nunique()
    return set(artists[artists >= 4].index.get_level_values(0))


def test_compilations_have_many_artists_of_a_genre(wanted: pd.DataFrame):
    on_one = wanted[wanted["album_name"].isin(compilations(wanted))]
    sizes = on_one.groupby("album_name").size()
    assert sizes.between(10, 20).all()
    assert 0.03 < len(on_one) / SONGS <= 0.04
    assert (on_one.groupby("album_name")["artist_id"].nunique() == sizes).all()


@pytest.mark.parametrize(("songs", "artists"), [(1, 1), (40, 40), (300, 3)])
def test_small_catalogues_have_albums_too(songs: int, artists: int):
    tracks = build(songs, artists)["tracks"][:songs]
    assert tracks["album_name"].notna().all()
    assert tracks["track_number"].between(1, 20).all()
