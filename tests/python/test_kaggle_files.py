"""The Kaggle files: found by name, read whole or refused, every row accounted for."""

import csv
import gzip
import os
from collections import Counter
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import CATALOGUE_FILES, REAL_CATALOGUE_FILES
from kaggle_rows import (
    ARTIST,
    BY_GENRE,
    EXTENDED,
    LANDED,
    MANGLED,
    NOT_A_DATE,
    NOT_A_LIST,
    NUMBER,
    SAMPLE,
    TRACK,
    land,
    names,
    rejected,
    rows_of,
    write_rows,
)
from playback.catalogue import kaggle
from playback.catalogue.kaggle import csv_source
from playback.catalogue.losses import reasons_in_words, require_tracks, rows_in_words
from playback.errors import PlaybackError
from playback.warehouse import Warehouse


def test_columns_are_found_by_name(warehouse, kaggle_folder):
    shuffled = {
        f" {name.upper().replace('_', ' ')} ": value for name, value in reversed(TRACK.items())
    }
    write_rows(kaggle_folder / "tracks.csv", [{"": "9", "extra": "x"} | shuffled])
    text = (kaggle_folder / "tracks.csv").read_text()
    (kaggle_folder / "tracks.csv").write_text("\ufeff" + text, encoding="utf-8")
    land(warehouse, kaggle_folder)
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
def test_every_name_and_shape_of_the_extended_file(
    warehouse, kaggle_folder, stem, ending, row, landed
):
    (kaggle_folder / "tracks_extended.csv").unlink()
    write_rows(kaggle_folder / f"{stem}{ending}", [row])
    land(warehouse, kaggle_folder)
    columns = "artist_name, track_name, track_id, album_name, year, genre"
    assert rows_of(warehouse, "tracks_extended", columns) == [landed]


def test_gzip_files_land_the_same(warehouse, kaggle_folder):
    for name in SAMPLE:
        (kaggle_folder / f"{name}.gz").write_bytes(
            gzip.compress((kaggle_folder / name).read_bytes())
        )
        (kaggle_folder / name).unlink()
    land(warehouse, kaggle_folder)
    assert [warehouse.count(f"raw.{table}") for table in LANDED] == [1, 1, 1, 3, 0, 0]


def test_gzip_is_told_by_its_content(warehouse, kaggle_folder):
    """Whatever the file is called: a browser unpacks, a download forgets the ending."""
    tracks = kaggle_folder / "tracks.csv"
    (kaggle_folder / "Artists.CSV.gz").write_bytes((kaggle_folder / "artists.csv").read_bytes())
    (kaggle_folder / "artists.csv").unlink()
    tracks.write_bytes(gzip.compress(tracks.read_bytes()))
    land(warehouse, kaggle_folder)
    assert warehouse.count("raw.artists") == warehouse.count("raw.tracks") == 1


def test_what_was_read_is_counted_by_file(warehouse, kaggle_folder):
    sound, bad = ARTIST, ARTIST | {"popularity": "x"}
    write_rows(kaggle_folder / "artists.csv", [sound, bad, sound | {"followers": "many"}, bad])
    write_rows(kaggle_folder / "tracks.csv", [TRACK, TRACK | {"key": "12"}])
    land(warehouse, kaggle_folder)
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


def test_keys_count_the_accepted_rows_and_repeated_ids_stay(warehouse, kaggle_folder):
    ids = ["b", "", "a", "b", "b"]
    write_rows(kaggle_folder / "artists.csv", [ARTIST | {"id": artist} for artist in ids])
    write_rows(kaggle_folder / "tracks.csv", [TRACK | {"id": track} for track in ids])
    land(warehouse, kaggle_folder)
    expected = [(0, "b"), (1, "a"), (2, "b"), (3, "b")]
    assert rows_of(warehouse, "artists", "artist_key, id") == expected
    assert rows_of(warehouse, "tracks", "track_key, id") == expected


def test_rejected_rows_carry_line_and_text(warehouse, kaggle_folder):
    two_lines = ARTIST | {"name": "Two\nLines"}
    broken = ["a9,1", 'a9,,,"Open,5', "a9,,,x\0,5"]
    write_rows(
        kaggle_folder / "artists.csv",
        [two_lines, two_lines, ARTIST | {"id": ""}, two_lines | {"popularity": "x"}],
    )
    with (kaggle_folder / "artists.csv").open("a", encoding="utf-8", newline="") as file:
        file.write("\n".join([*broken, "a2,1,[],After,50"]))
    land(warehouse, kaggle_folder)
    lines = (kaggle_folder / "artists.csv").read_text(encoding="utf-8").split("\n")
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
def test_a_faulty_file_leaves_the_database_as_it_was(warehouse, kaggle_folder, fault):
    land(warehouse, kaggle_folder)
    before = {table: rows_of(warehouse, table) for table in LANDED}
    name, content, message = FAULTY_FILES[fault]
    (kaggle_folder / name.removesuffix(".gz")).unlink()
    (kaggle_folder / name).write_bytes(content)
    with pytest.raises(PlaybackError, match=message) as raised:
        land(warehouse, kaggle_folder)
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
def test_missing_files_are_named(kaggle_folder, act):
    with pytest.raises(PlaybackError, match="nowhere does not exist"):
        act(kaggle_folder / "nowhere")
    with pytest.raises(PlaybackError, match=r"artists\.csv is not a folder"):
        act(kaggle_folder / "artists.csv")
    (kaggle_folder / "spotify_data.csv.gz").touch()
    with pytest.raises(
        PlaybackError, match=r"several tracks_extended.*spotify_data\.csv\.gz, tracks_extended\.csv"
    ):
        act(kaggle_folder)
    (kaggle_folder / "spotify_data.csv.gz").unlink()
    (kaggle_folder / "artists.csv").unlink()
    for make, kind in (("mkdir", "a folder"), ("mkfifo", "a pipe"), ("symlink", "a link to what")):
        with (
            in_the_way(kaggle_folder / "artists.csv", make),
            pytest.raises(PlaybackError, match=rf"artists\.csv is {kind}"),
        ):
            act(kaggle_folder)
    write_rows(kaggle_folder / "artists.csv", [ARTIST])
    (kaggle_folder / "tracks_extended.csv").unlink()
    names = r"tracks_extended\.csv or tracks_extended\.csv\.gz or spotify_data\.csv .*dataset\.csv"
    with pytest.raises(PlaybackError, match=f"has no tracks_extended file.*{names}"):
        act(kaggle_folder)


def test_the_fingerprint_follows_the_bytes_and_names(kaggle_folder):
    first = kaggle.fingerprint(kaggle_folder)
    assert kaggle.fingerprint(kaggle_folder) == first
    write_rows(kaggle_folder / "tracks.csv", [TRACK | {"popularity": "63"}])
    second = kaggle.fingerprint(kaggle_folder)
    (kaggle_folder / "tracks_extended.csv").rename(kaggle_folder / "dataset.csv")
    assert len({first, second, kaggle.fingerprint(kaggle_folder)}) == 3


def test_a_file_of_bad_rows_alone_is_not_read_to_its_end(warehouse, kaggle_folder, monkeypatch):
    monkeypatch.setattr(kaggle, "MOST_UNUSABLE_ROWS", 10)
    monkeypatch.setattr(csv_source, "BLOCK_BYTES", 300)
    header, *_ = (kaggle_folder / "artists.csv").read_text(encoding="utf-8").split("\n")
    (kaggle_folder / "artists.csv").write_text(f"{header}\n" + ",,,,\n" * 10_000, encoding="utf-8")
    with pytest.raises(PlaybackError, match=r"no usable row from line 2 on \(\d+ id is missing"):
        land(warehouse, kaggle_folder)


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


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(dirty_artists)
def test_no_row_is_lost(warehouse, tmp_path_factory, rows):
    kaggle_folder = tmp_path_factory.mktemp("dirty")
    for name, row in SAMPLE.items():
        write_rows(kaggle_folder / name, [row])
    with (kaggle_folder / "artists.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    land(warehouse, kaggle_folder)
    landed = warehouse.count("raw.artists")
    assert landed + warehouse.count("raw.rejected_rows") == 1 + len(rows)
    assert rows_of(warehouse, "artists", "artist_key") == [(key,) for key in range(landed)]


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
