# ruff: noqa: RUF001  (typographic quotes are tried)
"""Values of the Kaggle files: how each may be written, and which are rejected or missing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaggle_rows import (
    ARTIST,
    AUDIO,
    COMMA,
    EXTENDED,
    MANGLED,
    NOT_A_DATE,
    NOT_A_LIST,
    NUMBER,
    SAMPLE,
    TRACK,
    WHOLE,
    land,
    names,
    rejected,
    rows_of,
    write_rows,
)


def test_values_land_typed(warehouse, kaggle_folder):
    land(warehouse, kaggle_folder)
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


def test_albums_land_where_a_file_has_them(warehouse, kaggle_folder):
    albums = [("None", "3.0"), ("", ""), ("Album", "0")]
    write_rows(
        kaggle_folder / "tracks.csv",
        [TRACK | {"Album Name": name, "track_number": number} for name, number in albums],
    )
    write_rows(kaggle_folder / "tracks_extended.csv", [EXTENDED | {"album_name": "Other"}])
    land(warehouse, kaggle_folder)
    landed = rows_of(warehouse, "tracks", "album_name, track_number")
    assert landed == [("None", 3), (None, None), ("Album", None)]
    assert rows_of(warehouse, "tracks_extended", "album_name") == [("Other",)]
    assert rejected(warehouse) == []
    assert sorted(rows_of(warehouse, "missing_values")) == [
        ("tracks.csv", "album_name", "is missing", 1),
        ("tracks.csv", "track_number", "is missing", 1),
        ("tracks.csv", "track_number", "is outside 1 to 10000", 1),
    ]


@pytest.mark.parametrize(
    "nothing",
    ["", " ", "NULL", "None", "nan", "NaN", "N/A", "NA", r"\N", "<NA>", "#N/A", "-", "\u00a0"],
)
def test_an_optional_value_that_says_nothing_is_missing_and_counted(
    warehouse, kaggle_folder, nothing
):
    optional = {
        "artists.csv": ("followers", "genres"),
        "tracks_extended.csv": ("artist_name", "year", "genre", "track_id", "energy"),
    }
    for file, columns in optional.items():
        write_rows(
            kaggle_folder / file, [SAMPLE[file], SAMPLE[file] | dict.fromkeys(columns, nothing)]
        )
    land(warehouse, kaggle_folder)
    assert rows_of(warehouse, "artists", "followers, genres")[1] == (None, None)
    columns = "artist_name, year, genre, track_id, energy"
    assert rows_of(warehouse, "tracks_extended", columns)[1] == (None,) * 5
    assert rejected(warehouse) == []
    assert sorted(rows_of(warehouse, "missing_values")) == sorted(
        (file, column, "is missing", 1) for file, columns in optional.items() for column in columns
    )


def test_a_list_of_nothing_is_missing(warehouse, kaggle_folder):
    empty = ["[]", "[None]", "[nan]", "['']", "[ None, None ]", '"[]"']
    write_rows(kaggle_folder / "artists.csv", [ARTIST | {"genres": genres} for genres in empty])
    land(warehouse, kaggle_folder)
    assert rows_of(warehouse, "artists", "genres") == [(None,)] * 6
    assert rows_of(warehouse, "missing_values") == [("artists.csv", "genres", "is missing", 6)]


def test_a_song_may_be_called_like_nothing(warehouse, kaggle_folder):
    called = ["None", "Null", "nan", "N/A", "-", " Undefined "]
    write_rows(kaggle_folder / "tracks.csv", [TRACK | {"name": name} for name in called])
    land(warehouse, kaggle_folder)
    assert rows_of(warehouse, "tracks", "name") == [(name,) for name in called]


@pytest.mark.parametrize("around", [" ", "\t", "\u00a0", "\ufeff", "\u200b"])
def test_ids_are_trimmed(warehouse, kaggle_folder, around):
    def padded(text):
        return f"{around}{text}{around}"

    write_rows(kaggle_folder / "artists.csv", [ARTIST | {"id": padded("a1")}])
    write_rows(
        kaggle_folder / "tracks.csv",
        [TRACK | {"id": padded("t1"), "id_artists": f"['{padded('a1')}', \"{padded('a2')}\"]"}],
    )
    write_rows(kaggle_folder / "tracks_extended.csv", [EXTENDED | {"track_id": padded("t1")}])
    land(warehouse, kaggle_folder)
    assert rows_of(warehouse, "artists", "id") == [("a1",)]
    assert rows_of(warehouse, "tracks", "id, id_artists") == [("t1", "['a1', \"a2\"]")]
    assert rows_of(warehouse, "tracks_extended", "track_id") == [("t1",)]


DATES = [
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
]
"""As written, and as landed."""


def test_dates_that_land(warehouse, kaggle_folder):
    write_rows(
        kaggle_folder / "tracks.csv", [TRACK | {"release_date": written} for written, _ in DATES]
    )
    land(warehouse, kaggle_folder)
    assert rows_of(warehouse, "tracks", "release_date") == [(landed,) for _, landed in DATES]


QUOTED = [
    ("[‘A’, ‘B’, ‘C’]", "['A', 'B', 'C']"),
    ("[“A”, 'B',“C”]", '["A", \'B\',"C"]'.replace('"A"', "'A'").replace('"C"', "'C'")),
    ("[‘Ann O'Hara’]", '["Ann O\'Hara"]'),
    ('[‘The "Quoted" Band’]', "['The \"Quoted\" Band']"),
    ("[‘Rock ’n’ Roll’, ‘It’s’]", "['Rock ’n’ Roll', 'It’s']"),
    ("['Hello, ‘World’, again', 'b']", "['Hello, ‘World’, again', 'b']"),
]
"""As written, and as landed."""


def test_typographic_quotes_around_items_are_read(warehouse, kaggle_folder):
    write_rows(
        kaggle_folder / "tracks.csv", [TRACK | {"artists": written} for written, _ in QUOTED]
    )
    land(warehouse, kaggle_folder)
    assert rows_of(warehouse, "tracks", "artists") == [(landed,) for _, landed in QUOTED]


LISTS = [
    "['a']",
    """[ 'a' , "b's" ]""",
    r"['it\'s', 'back\\slash', '\xa0']",
    "['comma, ] inside', '[']",
    "['後藤', 'a\nb']",
]


def test_lists_that_land_as_they_stand(warehouse, kaggle_folder):
    write_rows(
        kaggle_folder / "tracks.csv",
        [TRACK | {"artists": written, "id_artists": written} for written in LISTS],
    )
    land(warehouse, kaggle_folder)
    landed = rows_of(warehouse, "tracks", "artists, id_artists")
    assert landed == [(written, written) for written in LISTS]


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


@pytest.mark.parametrize("file", SAMPLE)
def test_an_unusable_row_is_rejected_alone(warehouse, kaggle_folder, file):
    sound, unusable = SAMPLE[file], [fault for of, *fault in UNUSABLE if of == file]
    rows = [row for column, value, _ in unusable for row in (sound, sound | {column: value})]
    write_rows(kaggle_folder / file, [*rows, sound])
    land(warehouse, kaggle_folder)
    assert rejected(warehouse) == [
        (file, 3 + 2 * place, column, reason) for place, (column, _, reason) in enumerate(unusable)
    ]
    assert warehouse.count(f"raw.{file.removesuffix('.csv')}") == len(unusable) + 1


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


@pytest.mark.parametrize("file", ["artists.csv", "tracks_extended.csv"])
def test_an_optional_value_that_cannot_be_read_costs_no_row(warehouse, kaggle_folder, file):
    sound, unread = SAMPLE[file], [fault for of, *fault in UNREAD if of == file]
    write_rows(kaggle_folder / file, [sound | {column: value} for column, value, _ in unread])
    land(warehouse, kaggle_folder)
    assert rejected(warehouse) == []
    table = file.removesuffix(".csv")
    for place, (column, _, _) in enumerate(unread):
        assert rows_of(warehouse, table, column)[place] == (None,)
    assert sorted(rows_of(warehouse, "missing_values")) == sorted(
        (file, column, reason, 1) for column, _, reason in unread
    )


def test_flags_that_land(warehouse, kaggle_folder):
    flags = ["True", "TRUE", "1", "1.0", "t", "yes", " true "]
    write_rows(kaggle_folder / "tracks.csv", [TRACK | {"explicit": flag} for flag in flags])
    land(warehouse, kaggle_folder)
    assert rows_of(warehouse, "tracks", "explicit") == [(1,)] * len(flags)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(names.map(lambda name: f"x{name}"), min_size=1, max_size=20))
def test_names_come_back_as_they_were(warehouse, tmp_path_factory, track_names):
    kaggle_folder = tmp_path_factory.mktemp("names")
    for name, row in SAMPLE.items():
        write_rows(kaggle_folder / name, [row])
    write_rows(kaggle_folder / "tracks.csv", [TRACK | {"name": name} for name in track_names])
    land(warehouse, kaggle_folder)
    assert rows_of(warehouse, "tracks", "name") == [(name,) for name in track_names]
