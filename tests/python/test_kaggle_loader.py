# ruff: noqa: RUF001  (typographic quotes are tried)
import csv
import gzip
import os
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import CATALOGUE_FILES, REAL_CATALOGUE_FILES
from playback.catalogue import kaggle
from playback.catalogue.kaggle import csv_source
from playback.catalogue.losses import reasons_in_words, require_tracks, rows_in_words
from playback.errors import PlaybackError
from playback.progress import Silent
from playback.warehouse import AUDIO_FEATURES, Warehouse

LANDED = (
    *("artists", "tracks", "tracks_extended"),
    *("source_files", "rejected_rows", "missing_values"),
)

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
        "album_name": None,
        "track_number": None,
        **features,
        "time_signature": 4,
    }
    (extended,) = warehouse.connection.sql("from raw.tracks_extended").to_arrow_table().to_pylist()
    assert extended == {
        "artist_name": "Beak",
        "track_name": "Song",
        "track_id": "t1",
        "album_name": None,
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
        (EXTENDED, ("Beak", "Song", "t1", None, 2006, "indie pop")),
        (BY_GENRE, ("Beak", "Song", "t1", "Album", None, "indie-pop")),
    ],
)
def test_every_name_and_shape_of_the_extended_file(warehouse, folder, stem, ending, row, landed):
    (folder / "tracks_extended.csv").unlink()
    write_rows(folder / f"{stem}{ending}", [row])
    land(warehouse, folder)
    columns = "artist_name, track_name, track_id, album_name, year, genre"
    assert rows_of(warehouse, "tracks_extended", columns) == [landed]


def test_albums_land_where_a_file_has_them(warehouse, folder):
    albums = [("None", "3.0"), ("", ""), ("Album", "0")]
    write_rows(
        folder / "tracks.csv",
        [TRACK | {"Album Name": name, "track_number": number} for name, number in albums],
    )
    write_rows(folder / "tracks_extended.csv", [EXTENDED | {"album_name": "Other"}])
    land(warehouse, folder)
    landed = rows_of(warehouse, "tracks", "album_name, track_number")
    assert landed == [("None", 3), (None, None), ("Album", None)]
    assert rows_of(warehouse, "tracks_extended", "album_name") == [("Other",)]
    assert rejected(warehouse) == []
    assert sorted(rows_of(warehouse, "missing_values")) == [
        ("tracks.csv", "album_name", "is missing", 1),
        ("tracks.csv", "track_number", "is missing", 1),
        ("tracks.csv", "track_number", "is outside 1 to 10000", 1),
    ]


def test_gzip_files_land_the_same(warehouse, folder):
    for name in SAMPLE:
        (folder / f"{name}.gz").write_bytes(gzip.compress((folder / name).read_bytes()))
        (folder / name).unlink()
    land(warehouse, folder)
    assert [warehouse.count(f"raw.{table}") for table in LANDED] == [1, 1, 1, 3, 0, 0]


def test_gzip_is_told_by_its_content(warehouse, folder):
    """Whatever the file is called: a browser unpacks, a download forgets the ending."""
    tracks = folder / "tracks.csv"
    (folder / "Artists.CSV.gz").write_bytes((folder / "artists.csv").read_bytes())
    (folder / "artists.csv").unlink()
    tracks.write_bytes(gzip.compress(tracks.read_bytes()))
    land(warehouse, folder)
    assert warehouse.count("raw.artists") == warehouse.count("raw.tracks") == 1


@pytest.mark.parametrize(
    "nothing",
    ["", " ", "NULL", "None", "nan", "NaN", "N/A", "NA", r"\N", "<NA>", "#N/A", "-", "\u00a0"],
)
def test_an_optional_value_that_says_nothing_is_missing_and_counted(warehouse, folder, nothing):
    optional = {
        "artists.csv": ("followers", "genres"),
        "tracks_extended.csv": ("artist_name", "year", "genre", "track_id", "energy"),
    }
    for file, columns in optional.items():
        write_rows(folder / file, [SAMPLE[file], SAMPLE[file] | dict.fromkeys(columns, nothing)])
    land(warehouse, folder)
    assert rows_of(warehouse, "artists", "followers, genres")[1] == (None, None)
    columns = "artist_name, year, genre, track_id, energy"
    assert rows_of(warehouse, "tracks_extended", columns)[1] == (None,) * 5
    assert rejected(warehouse) == []
    assert sorted(rows_of(warehouse, "missing_values")) == sorted(
        (file, column, "is missing", 1) for file, columns in optional.items() for column in columns
    )


@pytest.mark.parametrize("empty", ["[]", "[None]", "[nan]", "['']", "[ None, None ]", '"[]"'])
def test_a_list_of_nothing_is_missing(warehouse, folder, empty):
    write_rows(folder / "artists.csv", [ARTIST | {"genres": empty}])
    land(warehouse, folder)
    assert rows_of(warehouse, "artists", "genres") == [(None,)]
    assert rows_of(warehouse, "missing_values") == [("artists.csv", "genres", "is missing", 1)]


@pytest.mark.parametrize("name", ["None", "Null", "nan", "N/A", "-", " Undefined "])
def test_a_song_may_be_called_like_nothing(warehouse, folder, name):
    write_rows(folder / "tracks.csv", [TRACK | {"name": name}])
    land(warehouse, folder)
    assert rows_of(warehouse, "tracks", "name") == [(name,)]


@pytest.mark.parametrize("around", [" ", "\t", "\u00a0", "\ufeff", "\u200b"])
def test_ids_are_trimmed(warehouse, folder, around):
    def padded(text):
        return f"{around}{text}{around}"

    write_rows(folder / "artists.csv", [ARTIST | {"id": padded("a1")}])
    write_rows(
        folder / "tracks.csv",
        [TRACK | {"id": padded("t1"), "id_artists": f"['{padded('a1')}', \"{padded('a2')}\"]"}],
    )
    write_rows(folder / "tracks_extended.csv", [EXTENDED | {"track_id": padded("t1")}])
    land(warehouse, folder)
    assert rows_of(warehouse, "artists", "id") == [("a1",)]
    assert rows_of(warehouse, "tracks", "id, id_artists") == [("t1", "['a1', \"a2\"]")]
    assert rows_of(warehouse, "tracks_extended", "track_id") == [("t1",)]


def test_what_was_read_is_counted_by_file(warehouse, folder):
    sound, bad = ARTIST, ARTIST | {"popularity": "x"}
    write_rows(folder / "artists.csv", [sound, bad, sound | {"followers": "many"}, bad])
    write_rows(folder / "tracks.csv", [TRACK, TRACK | {"key": "12"}])
    land(warehouse, folder)
    assert rows_of(warehouse, "source_files") == [
        ("artists.csv", 4),
        ("tracks.csv", 2),
        ("tracks_extended.csv", 1),
    ]
    assert rows_in_words(warehouse) == (
        "4 of 7 rows used, rejected: 2 artists.csv: popularity is not a number; "
        "1 tracks.csv: key is outside -1 to 11, optional values that cannot be read: "
        "1 artists.csv: followers is not a number"
    )


def test_the_three_commonest_reasons_are_told():
    counts = [("rare", 1), ("b", 20), ("a", 20), ("commonest", 3_000), ("rarer", 2)]
    told = "3,000 commonest; 20 a; 20 b; 3 for other reasons"
    assert reasons_in_words(counts) == told


def test_keys_count_the_accepted_rows_and_repeated_ids_stay(warehouse, folder):
    ids = ["b", "", "a", "b", "b"]
    write_rows(folder / "artists.csv", [ARTIST | {"id": artist} for artist in ids])
    write_rows(folder / "tracks.csv", [TRACK | {"id": track} for track in ids])
    land(warehouse, folder)
    expected = [(0, "b"), (1, "a"), (2, "b"), (3, "b")]
    assert rows_of(warehouse, "artists", "artist_key, id") == expected
    assert rows_of(warehouse, "tracks", "track_key, id") == expected


@pytest.mark.parametrize(
    ("release_date", "landed"),
    [
        *((date, date) for date in ("1957", "1957-03", "1957-03-31", "2024-02-29", "2099-12-31")),
        ("2012-01-01 00:00:00+00:00", "2012-01-01"),
        ("2012-01-01 00:00:00", "2012-01-01"),
        ("2012-01-01T00:00:00Z", "2012-01-01"),
        ("2012-01-01T00:00", "2012-01-01"),
        ("2012-01-01T00:00:00.000000000", "2012-01-01"),
        ("2012-01-01 00:00:00 UTC", "2012-01-01"),
        ("2012-01-01T23:59:59-0800", "2012-01-01"),
        ("2012/01/31", "2012-01-31"),
        ("2012/1/5", "2012-01-05"),
        ("2012-1", "2012-01"),
        ("2012/1", "2012-01"),
        ("20120131", "2012-01-31"),
        ("2012.0", "2012"),
        (" 2012 ", "2012"),
    ],
)
def test_dates_that_land(warehouse, folder, release_date, landed):
    write_rows(folder / "tracks.csv", [TRACK | {"release_date": release_date}])
    land(warehouse, folder)
    assert rows_of(warehouse, "tracks", "release_date") == [(landed,)]


@pytest.mark.parametrize(
    ("value", "landed"),
    [
        ("[‘A’, ‘B’, ‘C’]", "['A', 'B', 'C']"),
        ("[“A”, 'B',“C”]", '["A", \'B\',"C"]'.replace('"A"', "'A'").replace('"C"', "'C'")),
        ("[‘Ann O'Hara’]", '["Ann O\'Hara"]'),
        ('[‘The "Quoted" Band’]', "['The \"Quoted\" Band']"),
        ("[‘Rock ’n’ Roll’, ‘It’s’]", "['Rock ’n’ Roll', 'It’s']"),
        ("['Hello, ‘World’, again', 'b']", "['Hello, ‘World’, again', 'b']"),
    ],
)
def test_typographic_quotes_around_items_are_read(warehouse, folder, value, landed):
    write_rows(folder / "tracks.csv", [TRACK | {"artists": value}])
    land(warehouse, folder)
    assert rows_of(warehouse, "tracks", "artists") == [(landed,)]


@pytest.mark.parametrize(
    "value",
    [
        "['a']",
        """[ 'a' , "b's" ]""",
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
COMMA = "has a comma: write it as 1234.5"
MANGLED = "was made a number by a spreadsheet: export ids as text"
NOT_A_DATE = "is not a date such as 1999, 1999-12 or 1999-12-31"
UNUSABLE = [
    ("artists.csv", "id", "", "is missing"),
    ("artists.csv", "name", " \t\u00a0", "is missing"),
    ("artists.csv", "popularity", "", "is missing"),
    ("artists.csv", "popularity", "nan", "is missing"),
    ("artists.csv", "popularity", "61,5", COMMA),
    ("artists.csv", "id", "NULL", "is missing"),
    ("artists.csv", "id", "5.12E+21", MANGLED),
    ("artists.csv", "name", r"\N", "is missing"),
    ("tracks.csv", "id", "", "is missing"),
    ("tracks.csv", "name", "", "is missing"),
    ("tracks.csv", "popularity", "abc", NUMBER),
    ("tracks.csv", "popularity", "100.5", "is outside 0 to 100"),
    ("tracks.csv", "popularity", "-1", "is outside 0 to 100"),
    ("tracks.csv", "duration_ms", "", "is missing"),
    ("tracks.csv", "duration_ms", "3:45", NUMBER),
    ("tracks.csv", "duration_ms", "176,307", COMMA),
    ("tracks.csv", "duration_ms", "176307.4", WHOLE),
    ("tracks.csv", "duration_ms", "-1", "is outside 1 to 86400000"),
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
    ("tracks.csv", "id_artists", "['']", "is an empty list"),
    ("tracks.csv", "id_artists", "[None]", "is an empty list"),
    ("tracks.csv", "id_artists", "['5.12E+21']", MANGLED),
    ("tracks.csv", "id", "5,12E+21", MANGLED),
    ("tracks.csv", "release_date", "", "is missing"),
    ("tracks.csv", "release_date", "31.12.1999", NOT_A_DATE),
    ("tracks.csv", "release_date", "01/02/1999", NOT_A_DATE),
    ("tracks.csv", "release_date", "1999-12-31 noon", NOT_A_DATE),
    ("tracks.csv", "release_date", "19991331", "is no day of the calendar"),
    ("tracks.csv", "release_date", "99", NOT_A_DATE),
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
    ("tracks_extended.csv", "track_name", "", "is missing"),
]


@pytest.mark.parametrize(("file", "column", "value", "reason"), UNUSABLE)
def test_an_unusable_row_is_rejected_alone(warehouse, folder, file, column, value, reason):
    sound = SAMPLE[file]
    write_rows(folder / file, [sound, sound | {column: value}, sound])
    land(warehouse, folder)
    assert rejected(warehouse) == [(file, 3, column, reason)]
    assert warehouse.count(f"raw.{file.removesuffix('.csv')}") == 2


UNREAD = [
    ("artists.csv", "followers", "many", NUMBER),
    ("artists.csv", "followers", "1.5", WHOLE),
    ("artists.csv", "followers", "1,234,567", COMMA),
    ("artists.csv", "followers", "-1", "is outside 0 to 10000000000"),
    ("artists.csv", "genres", "indie pop", NOT_A_LIST),
    ("tracks_extended.csv", "track_id", "5.12E+21", MANGLED),
    ("tracks_extended.csv", "year", "0", "is outside 1860 to 2100"),
    ("tracks_extended.csv", "year", "soon", NUMBER),
    ("tracks_extended.csv", "energy", "x", NUMBER),
]


@pytest.mark.parametrize(("file", "column", "value", "reason"), UNREAD)
def test_an_optional_value_that_cannot_be_read_costs_no_row(
    warehouse, folder, file, column, value, reason
):
    write_rows(folder / file, [SAMPLE[file], SAMPLE[file] | {column: value}])
    land(warehouse, folder)
    table = file.removesuffix(".csv")
    assert rejected(warehouse) == []
    assert rows_of(warehouse, table, column)[1] == (None,)
    assert rows_of(warehouse, "missing_values") == [(file, column, reason, 1)]


@pytest.mark.parametrize("value", ["True", "TRUE", "1", "1.0", "t", "yes", " true "])
def test_flags_that_land(warehouse, folder, value):
    write_rows(folder / "tracks.csv", [TRACK | {"explicit": value}])
    land(warehouse, folder)
    assert rows_of(warehouse, "tracks", "explicit") == [(1,)]


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
    "another delimiter": ("artists.csv", b"id;name\n1;x\n", r"found: \['id;name'\].*semicolons"),
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
        r"has no usable row from line 2 on \(1 popularity.*1 the number of fields is 2, not 5",
    ),
    "only unusable values": (
        "artists.csv",
        b"id,followers,genres,name,popularity\n1,,,x,y\n",
        r"has no usable row from line 2 on \(1 popularity is not a number\)",
    ),
    "latin-1": (
        "artists.csv",
        "id,followers,genres,name,popularity\n1,,,x,5\n2,,,é,5\n".encode("latin-1"),
        r"artists\.csv line 3 is not UTF-8",
    ),
    "half a gzip": ("artists.csv.gz", gzip.compress(b"id,followers")[:-9], "not a whole gzip file"),
    "a zip archive": ("tracks.csv", b"PK\x03\x04\x14", r"tracks\.csv is a zip archive.*unpack it"),
    "a zip archive in gzip": ("tracks.csv", gzip.compress(b"PK\x03\x04\x14"), "is a zip archive"),
    "a page": ("tracks.csv", b"\xef\xbb\xbf\n <!DOCTYPE html>", "is an HTML page.*signed in"),
    "JSON": ("tracks.csv", b'[{"id": 1}]', "is JSON, not CSV"),
    "Parquet": ("tracks.csv", b"PAR1\x15\x04", "is a Parquet file, not CSV"),
    "a pointer": (
        "tracks.csv",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
        "is a Git LFS pointer.*git lfs pull",
    ),
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


@contextmanager
def in_the_way(path, make):
    if make == "symlink":
        path.symlink_to("nowhere")
    else:
        getattr(os, make)(path)
    yield
    path.rmdir() if make == "mkdir" else path.unlink()


@pytest.mark.parametrize("act", [kaggle.fingerprint, lambda path: kaggle.land(None, path, None)])
def test_missing_files_are_named(folder, act):
    with pytest.raises(PlaybackError, match="nowhere does not exist"):
        act(folder / "nowhere")
    with pytest.raises(PlaybackError, match=r"artists\.csv is not a folder"):
        act(folder / "artists.csv")
    (folder / "spotify_data.csv.gz").touch()
    with pytest.raises(
        PlaybackError, match=r"several tracks_extended.*spotify_data\.csv\.gz, tracks_extended\.csv"
    ):
        act(folder)
    (folder / "spotify_data.csv.gz").unlink()
    (folder / "artists.csv").unlink()
    for make, kind in (("mkdir", "a folder"), ("mkfifo", "a pipe"), ("symlink", "a link to what")):
        with (
            in_the_way(folder / "artists.csv", make),
            pytest.raises(PlaybackError, match=rf"artists\.csv is {kind}"),
        ):
            act(folder)
    write_rows(folder / "artists.csv", [ARTIST])
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


def test_a_file_of_bad_rows_alone_is_not_read_to_its_end(warehouse, folder, monkeypatch):
    monkeypatch.setattr(kaggle, "MOST_UNUSABLE_ROWS", 10)
    monkeypatch.setattr(csv_source, "BLOCK_BYTES", 300)
    header, *_ = (folder / "artists.csv").read_text(encoding="utf-8").split("\n")
    (folder / "artists.csv").write_text(f"{header}\n" + ",,,,\n" * 10_000, encoding="utf-8")
    with pytest.raises(PlaybackError, match=r"no usable row from line 2 on \(\d+ id is missing"):
        land(warehouse, folder)


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


def test_a_dirty_catalogue_is_accounted_for(warehouse):
    land(warehouse, CATALOGUE_FILES)
    assert rows_of(warehouse, "source_files") == [
        ("artists.csv", 40),
        ("tracks.csv", 193),
        ("tracks_extended.csv", 222),
    ]
    landed = [warehouse.count(f"raw.{table}") for table in ("artists", "tracks", "tracks_extended")]
    assert landed == [38, 184, 221]
    assert rejected(warehouse) == [
        ("artists.csv", 39, "name", "is missing"),
        ("artists.csv", 40, "popularity", NUMBER),
        ("tracks.csv", 187, "name", "is missing"),
        ("tracks.csv", 188, "release_date", "is missing"),
        ("tracks.csv", 189, "release_date", "is outside the years 1860 to 2100"),
        ("tracks.csv", 190, "release_date", NOT_A_DATE),
        ("tracks.csv", 191, "duration_ms", NUMBER),
        ("tracks.csv", 192, "id_artists", MANGLED),
        ("tracks.csv", 193, "artists", NOT_A_LIST),
        ("tracks.csv", 194, "valence", "is missing"),
        ("tracks.csv", 195, None, "the number of fields is 2, not 20"),
        ("tracks_extended.csv", 224, "track_name", "is missing"),
    ]
    unread = [row[:2] for row in rows_of(warehouse, "missing_values") if row[2] != "is missing"]
    assert unread == [
        ("artists.csv", "followers"),
        ("artists.csv", "genres"),
        ("tracks_extended.csv", "year"),
        ("tracks_extended.csv", "energy"),
    ]


@pytest.mark.skipif(
    not REAL_CATALOGUE_FILES.is_dir(),
    reason=f"an extra: no real catalogue in {REAL_CATALOGUE_FILES}",
)
def test_the_real_catalogue_is_accounted_for(warehouse):
    land(warehouse, REAL_CATALOGUE_FILES)
    rejected_by_file = Counter(source_file for source_file, *_ in rejected(warehouse))
    for table, written in (("artists", 10_692), ("tracks", 28_356), ("tracks_extended", 32_833)):
        refused = rejected_by_file[f"{table}.csv"]
        assert warehouse.count(f"raw.{table}") + refused == written
        assert refused <= 5


def test_a_catalogue_of_which_nothing_joins_is_refused_with_the_reasons(tmp_path):
    with Warehouse(tmp_path / "world.duckdb") as built:
        require_tracks(built)  # nothing is built yet
        built.connection.execute(
            """
            create table dim_tracks (track_key integer);
            create schema intermediate;
            create table intermediate.int_tracks_reviewed as
            select unnest(['artist_unknown', 'id_repeated', 'artist_unknown']) as exclusion_reason
            """
        )
        told = r"\(2 artist unknown; 1 id repeated\): the ids in id_artists .* run again$"
        with pytest.raises(PlaybackError, match=told):
            require_tracks(built)
        built.connection.execute("insert into dim_tracks values (0)")
        require_tracks(built)
