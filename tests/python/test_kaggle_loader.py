import csv
import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import CATALOGUE_FILES
from playback.catalogue import kaggle
from playback.errors import PlaybackError
from playback.progress import Silent
from playback.warehouse import AUDIO_FEATURES, Warehouse

LANDED = ("artists", "tracks", "tracks_extended", "rejected_rows")

AUDIO = dict.fromkeys(AUDIO_FEATURES, "0.5") | {"key": "5", "mode": "1", "loudness": "-7.5"}
ARTIST = {
    "id": "a1",
    "followers": "44.0",
    "genres": "['indie pop', \"drum 'n' bass\"]",
    "name": "Beak",
    "popularity": "61",
}
TRACK = {
    "id": "t1",
    "name": "Song",
    "popularity": "62",
    "duration_ms": "176307",
    "explicit": "0",
    "artists": "['Beak']",
    "id_artists": "['a1']",
    "release_date": "2006-01-31",
    **AUDIO,
    "time_signature": "4",
}
EXTENDED = {
    "": "0",
    "artist_name": "Beak",
    "track_name": "Song",
    "track_id": "t1",
    "popularity": "62",
    "year": "2006",
    "genre": "indie pop",
    **AUDIO,
    "duration_ms": "176307",
    "time_signature": "4",
}
BY_GENRE = {
    "": "0",
    "track_id": "t1",
    "artists": "Beak;Guest",
    "album_name": "Album",
    "track_name": "Song",
    "popularity": "62",
    "duration_ms": "176307",
    "explicit": "False",
    **AUDIO,
    "time_signature": "4",
    "track_genre": "indie-pop",
}
SAMPLE = {"artists.csv": ARTIST, "tracks.csv": TRACK, "tracks_extended.csv": EXTENDED}


def write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def folder(tmp_path):
    """A folder with one sound row in each file."""
    for name, row in SAMPLE.items():
        write_rows(tmp_path / name, [row])
    return tmp_path


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    with Warehouse(tmp_path_factory.mktemp("world") / "test.duckdb", threads=2) as opened:
        yield opened


def land(warehouse, folder):
    with warehouse.transaction():
        warehouse.clear(*LANDED)
        kaggle.land(warehouse, folder, Silent())


def rows_of(warehouse, table, columns="*"):
    return warehouse.connection.execute(f"select {columns} from raw.{table}").fetchall()


def rejected(warehouse):
    columns = "source_file, line_number, column_name, reason"
    return rows_of(warehouse, "rejected_rows", columns)


def test_values_land_typed(warehouse, folder):
    land(warehouse, folder)
    assert rows_of(warehouse, "artists") == [(0, "a1", 44, ARTIST["genres"], "Beak", 61.0)]
    (track,) = warehouse.connection.sql("from raw.tracks").to_arrow_table().to_pylist()
    features = {name: float(value) for name, value in AUDIO.items()}
    assert track == {
        "track_key": 0,
        "id": "t1",
        "name": "Song",
        "popularity": 62.0,
        "duration_ms": 176307,
        "explicit": 0,
        "artists": "['Beak']",
        "id_artists": "['a1']",
        "release_date": "2006-01-31",
        **features,
        "time_signature": 4,
    }
    (extended,) = warehouse.connection.sql("from raw.tracks_extended").to_arrow_table().to_pylist()
    assert extended == {
        "artist_name": "Beak",
        "track_name": "Song",
        "track_id": "t1",
        "popularity": 62.0,
        "year": 2006,
        "genre": "indie pop",
        **features,
        "duration_ms": 176307,
        "time_signature": 4,
    }
    assert rejected(warehouse) == []


def test_columns_are_found_by_name(warehouse, folder):
    shuffled = {
        f" {name.upper().replace('_', ' ')} ": value for name, value in reversed(TRACK.items())
    }
    write_rows(folder / "tracks.csv", [{"": "9", "extra": "x"} | shuffled])
    text = (folder / "tracks.csv").read_text()
    (folder / "tracks.csv").write_text("\ufeff" + text, encoding="utf-8")
    land(warehouse, folder)
    columns = "id, name, duration_ms, id_artists, key"
    assert rows_of(warehouse, "tracks", columns) == [("t1", "Song", 176307, "['a1']", 5.0)]


@pytest.mark.parametrize("stem", ["tracks_extended", "spotify_data", "dataset"])
@pytest.mark.parametrize("ending", [".csv", ".csv.gz"])
@pytest.mark.parametrize(
    ("row", "landed"),
    [
        (EXTENDED, ("Beak", "Song", "t1", 2006, "indie pop")),
        (BY_GENRE, ("Beak", "Song", "t1", None, "indie-pop")),
    ],
)
def test_every_name_and_shape_of_the_extended_file(warehouse, folder, stem, ending, row, landed):
    (folder / "tracks_extended.csv").unlink()
    write_rows(folder / f"{stem}{ending}", [row])
    land(warehouse, folder)
    columns = "artist_name, track_name, track_id, year, genre"
    assert rows_of(warehouse, "tracks_extended", columns) == [landed]


def test_gzip_files_land_the_same(warehouse, folder):
    for name in SAMPLE:
        (folder / f"{name}.gz").write_bytes(gzip.compress((folder / name).read_bytes()))
        (folder / name).unlink()
    land(warehouse, folder)
    assert [warehouse.count(f"raw.{table}") for table in LANDED] == [1, 1, 1, 0]


def test_optional_fields_may_be_empty(warehouse, folder):
    write_rows(
        folder / "artists.csv",
        [ARTIST | {"followers": "", "genres": "[]"}, ARTIST | {"genres": ""}],
    )
    write_rows(
        folder / "tracks_extended.csv", [EXTENDED | {"artist_name": " ", "year": "", "genre": ""}]
    )
    land(warehouse, folder)
    assert rows_of(warehouse, "artists", "followers, genres") == [(None, "[]"), (44, None)]
    optional = "artist_name, year, genre"
    assert rows_of(warehouse, "tracks_extended", optional) == [(None, None, None)]
    assert rejected(warehouse) == []


def test_keys_count_the_accepted_rows_and_repeated_ids_stay(warehouse, folder):
    ids = ["b", "", "a", "b", "b"]
    write_rows(folder / "artists.csv", [ARTIST | {"id": artist} for artist in ids])
    write_rows(folder / "tracks.csv", [TRACK | {"id": track} for track in ids])
    land(warehouse, folder)
    expected = [(0, "b"), (1, "a"), (2, "b"), (3, "b")]
    assert rows_of(warehouse, "artists", "artist_key, id") == expected
    assert rows_of(warehouse, "tracks", "track_key, id") == expected


@pytest.mark.parametrize(
    "release_date", ["1957", "1957-03", "1957-03-31", "2024-02-29", "2099-12-31"]
)
def test_dates_that_land(warehouse, folder, release_date):
    write_rows(folder / "tracks.csv", [TRACK | {"release_date": release_date}])
    land(warehouse, folder)
    assert rows_of(warehouse, "tracks", "release_date") == [(release_date,)]


@pytest.mark.parametrize(
    "value",
    [
        "['a']",
        """ [ 'a' , "b's" ] """,
        r"['it\'s', 'back\\slash', '\xa0']",
        "['comma, ] inside', '[']",
        "['後藤', 'a\nb']",
    ],
)
def test_lists_that_land_as_they_stand(warehouse, folder, value):
    write_rows(folder / "tracks.csv", [TRACK | {"artists": value, "id_artists": value}])
    land(warehouse, folder)
    assert rows_of(warehouse, "tracks", "artists, id_artists") == [(value, value)]


NUMBER, WHOLE = "is not a number", "is not a whole number"
NOT_A_LIST = "is not a list of texts such as ['A', 'B']"
NOT_A_DATE = "is not a date such as 1999, 1999-12 or 1999-12-31"
UNUSABLE = [
    ("artists.csv", "id", "", "is missing"),
    ("artists.csv", "name", " \t\u00a0", "is missing"),
    ("artists.csv", "popularity", "", "is missing"),
    ("artists.csv", "popularity", "nan", NUMBER),
    ("artists.csv", "followers", "many", NUMBER),
    ("artists.csv", "followers", "1.5", WHOLE),
    ("artists.csv", "followers", "-1", "is outside 0 to 10000000000"),
    ("artists.csv", "genres", "indie pop", NOT_A_LIST),
    ("tracks.csv", "id", "", "is missing"),
    ("tracks.csv", "name", "", "is missing"),
    ("tracks.csv", "popularity", "abc", NUMBER),
    ("tracks.csv", "popularity", "100.5", "is outside 0 to 100"),
    ("tracks.csv", "popularity", "-1", "is outside 0 to 100"),
    ("tracks.csv", "duration_ms", "", "is missing"),
    ("tracks.csv", "duration_ms", "3:45", NUMBER),
    ("tracks.csv", "duration_ms", "0", "is outside 1 to 86400000"),
    ("tracks.csv", "duration_ms", "1e300", "is outside 1 to 86400000"),
    ("tracks.csv", "duration_ms", "inf", NUMBER),
    ("tracks.csv", "explicit", "2", "is neither 0 nor 1"),
    ("tracks.csv", "explicit", "", "is missing"),
    ("tracks.csv", "artists", "", "is missing"),
    ("tracks.csv", "artists", "['a' 'b']", NOT_A_LIST),
    ("tracks.csv", "artists", "['a'] + ['b']", NOT_A_LIST),
    ("tracks.csv", "artists", "['a', None]", NOT_A_LIST),
    ("tracks.csv", "artists", "['a',]", NOT_A_LIST),
    ("tracks.csv", "artists", "['it's']", NOT_A_LIST),
    ("tracks.csv", "artists", "__import__('os')", NOT_A_LIST),
    ("tracks.csv", "id_artists", "[]", "is an empty list"),
    ("tracks.csv", "id_artists", "['']", NOT_A_LIST),
    ("tracks.csv", "release_date", "", "is missing"),
    ("tracks.csv", "release_date", "31.12.1999", NOT_A_DATE),
    ("tracks.csv", "release_date", "1999-1", NOT_A_DATE),
    ("tracks.csv", "release_date", "99", NOT_A_DATE),
    ("tracks.csv", "release_date", "1999-12-31T00:00", NOT_A_DATE),
    ("tracks.csv", "release_date", "1999-13", "is no day of the calendar"),
    ("tracks.csv", "release_date", "2023-02-29", "is no day of the calendar"),
    ("tracks.csv", "release_date", "0000", "is outside the years 1860 to 2100"),
    ("tracks.csv", "release_date", "2999-01-01", "is outside the years 1860 to 2100"),
    ("tracks.csv", "danceability", "1.1", "is outside 0 to 1"),
    ("tracks.csv", "key", "12", "is outside -1 to 11"),
    ("tracks.csv", "key", "1.5", WHOLE),
    ("tracks.csv", "mode", "2", "is outside 0 to 1"),
    ("tracks.csv", "loudness", "-200", "is outside -100 to 20"),
    ("tracks.csv", "tempo", "-0.1", "is outside 0 to 1000"),
    ("tracks.csv", "valence", "", "is missing"),
    ("tracks.csv", "time_signature", "9", "is outside 0 to 7"),
    ("tracks_extended.csv", "track_id", "", "is missing"),
    ("tracks_extended.csv", "track_name", "", "is missing"),
    ("tracks_extended.csv", "year", "0", "is outside 1860 to 2100"),
    ("tracks_extended.csv", "year", "soon", NUMBER),
    ("tracks_extended.csv", "energy", "x", NUMBER),
]


@pytest.mark.parametrize(("file", "column", "value", "reason"), UNUSABLE)
def test_an_unusable_row_is_rejected_alone(warehouse, folder, file, column, value, reason):
    sound = SAMPLE[file]
    write_rows(folder / file, [sound, sound | {column: value}, sound])
    land(warehouse, folder)
    assert rejected(warehouse) == [(file, 3, column, reason)]
    assert warehouse.count(f"raw.{file.removesuffix('.csv')}") == 2


def test_rejected_rows_carry_line_and_text(warehouse, folder):
    two_lines = ARTIST | {"name": "Two\nLines"}
    broken = ["a9,1", 'a9,,,"Open,5', "a9,,,x\0,5"]
    write_rows(
        folder / "artists.csv",
        [two_lines, two_lines, ARTIST | {"id": ""}, two_lines | {"popularity": "x"}],
    )
    with (folder / "artists.csv").open("a", encoding="utf-8", newline="") as file:
        file.write("\n".join([*broken, "a2,1,[],After,50"]))
    land(warehouse, folder)
    lines = (folder / "artists.csv").read_text(encoding="utf-8").split("\n")
    found = rows_of(warehouse, "rejected_rows", "line_number, column_name, reason, line_text")
    assert [row[:2] for row in found] == [
        (6, "id"),
        (7, "popularity"),
        (9, None),
        (10, None),
        (11, None),
    ]
    assert [row[2].split(" (")[0] for row in found[2:]] == [
        "the number of fields is 2, not 5",
        "cannot be split into fields",
        "holds a NUL character",
    ]
    assert found[0][3] == lines[5]
    assert found[1][3] == "\n".join(lines[6:8])
    assert [row[3].replace("\ufffd", "\0") for row in found[2:]] == broken
    assert rows_of(warehouse, "artists", "artist_key, name")[2:] == [(2, "After")]


FAULTY_FILES = {
    "a column is missing": (
        "tracks.csv",
        b"id,title,popularity\n1,x,5\n",
        r"tracks\.csv lacks the column name, explicit.*found: \['id', 'title', 'popularity'\]",
    ),
    "another delimiter": ("artists.csv", b"id;name\n1;x\n", r"found: \['id;name'\]"),
    "a column twice": (
        "artists.csv",
        b"id,Name,name,followers,genres,popularity\n",
        "has the column name more than once",
    ),
    "nothing in it": ("tracks.csv", b"", r"tracks\.csv is empty"),
    "no rows": ("artists.csv", b"id,followers,genres,name,popularity\n", "has no rows below"),
    "no usable row": (
        "artists.csv",
        b"id,followers,genres,name,popularity\n1,2\n1,,,x,y\n",
        "has no usable row, beginning with line 2: the number of fields is 2, not 5",
    ),
    "only unusable values": (
        "artists.csv",
        b"id,followers,genres,name,popularity\n1,,,x,y\n",
        "has no usable row, beginning with line 2: popularity is not a number",
    ),
    "latin-1": (
        "artists.csv",
        "id,followers,genres,name,popularity\n1,,,x,5\n2,,,é,5\n".encode("latin-1"),
        r"artists\.csv line 3 is not UTF-8",
    ),
    "no gzip": ("artists.csv.gz", b"id,followers", "is not a whole gzip file"),
}


@pytest.mark.parametrize("fault", FAULTY_FILES)
def test_a_faulty_file_leaves_the_database_as_it_was(warehouse, folder, fault):
    land(warehouse, folder)
    before = {table: rows_of(warehouse, table) for table in LANDED}
    name, content, message = FAULTY_FILES[fault]
    (folder / name.removesuffix(".gz")).unlink()
    (folder / name).write_bytes(content)
    with pytest.raises(PlaybackError, match=message) as raised:
        land(warehouse, folder)
    assert "\n" not in str(raised.value)
    assert {table: rows_of(warehouse, table) for table in LANDED} == before


@pytest.mark.parametrize("act", [kaggle.fingerprint, lambda path: kaggle.land(None, path, None)])
def test_missing_files_are_named(folder, act):
    with pytest.raises(PlaybackError, match="nowhere does not exist"):
        act(folder / "nowhere")
    with pytest.raises(PlaybackError, match=r"artists\.csv is not a folder"):
        act(folder / "artists.csv")
    (folder / "spotify_data.csv.gz").touch()
    with pytest.raises(
        PlaybackError, match=r"several tracks_extended.*extended\.csv, spotify_data\.csv\.gz"
    ):
        act(folder)
    (folder / "spotify_data.csv.gz").unlink()
    (folder / "tracks_extended.csv").unlink()
    names = r"tracks_extended\.csv or tracks_extended\.csv\.gz or spotify_data\.csv .*dataset\.csv"
    with pytest.raises(PlaybackError, match=f"has no tracks_extended file.*{names}"):
        act(folder)


def test_the_fingerprint_follows_the_bytes_and_names(folder):
    first = kaggle.fingerprint(folder)
    assert kaggle.fingerprint(folder) == first
    write_rows(folder / "tracks.csv", [TRACK | {"popularity": "63"}])
    second = kaggle.fingerprint(folder)
    (folder / "tracks_extended.csv").rename(folder / "dataset.csv")
    assert len({first, second, kaggle.fingerprint(folder)}) == 3


names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
dirty_artists = st.lists(
    st.one_of(
        st.tuples(
            names,
            st.sampled_from(["", "5", "x", "-1"]),
            st.sampled_from(["[]", "['a, \"b\"']", "", "['a"]),
            names,
            st.sampled_from(["0", "100", "101", "", "5%"]),
        ),
        st.lists(names, min_size=1, max_size=7),
    ),
    max_size=20,
)


@settings(max_examples=60, deadline=None)
@given(dirty_artists)
def test_no_row_is_lost(warehouse, tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("dirty")
    for name, row in SAMPLE.items():
        write_rows(folder / name, [row])
    with (folder / "artists.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    land(warehouse, folder)
    landed = warehouse.count("raw.artists")
    assert landed + warehouse.count("raw.rejected_rows") == 1 + len(rows)
    assert rows_of(warehouse, "artists", "artist_key") == [(key,) for key in range(landed)]


@settings(max_examples=60, deadline=None)
@given(st.lists(names.map(lambda name: f"x{name}"), min_size=1, max_size=20))
def test_names_come_back_as_they_were(warehouse, tmp_path_factory, track_names):
    folder = tmp_path_factory.mktemp("names")
    for name, row in SAMPLE.items():
        write_rows(folder / name, [row])
    write_rows(folder / "tracks.csv", [TRACK | {"name": name} for name in track_names])
    land(warehouse, folder)
    assert rows_of(warehouse, "tracks", "name") == [(name,) for name in track_names]


@pytest.mark.skipif(
    not CATALOGUE_FILES.is_dir(),
    reason=f"the real catalogue is not there: no folder {CATALOGUE_FILES}",
)
def test_the_real_catalogue_is_accounted_for(warehouse):
    land(warehouse, CATALOGUE_FILES)
    rejected_by_file = dict(
        warehouse.connection.execute(
            "select source_file, count(*) from raw.rejected_rows group by source_file"
        ).fetchall()
    )
    for table, written in (("artists", 10_692), ("tracks", 28_356), ("tracks_extended", 32_833)):
        refused = rejected_by_file.get(f"{table}.csv", 0)
        assert warehouse.count(f"raw.{table}") + refused == written
        assert refused <= 5

    joined, tracks = warehouse.connection.execute(
        """
        select count(*), count(distinct tracks.id)
        from raw.tracks
        inner join raw.tracks_extended on tracks.name = tracks_extended.track_name
        """
    ).fetchall()[0]
    assert tracks == warehouse.count("raw.tracks")
    assert joined / tracks > 1.2
