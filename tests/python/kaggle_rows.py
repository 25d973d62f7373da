"""A sound row of each Kaggle file, and what becomes of it once it has landed."""

import csv
import gzip
from pathlib import Path

from hypothesis import strategies as st

from playback.catalogue import kaggle
from playback.progress import Silent
from playback.warehouse import AUDIO_FEATURES

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


def land(warehouse, folder):
    with warehouse.transaction():
        warehouse.clear(*LANDED)
        kaggle.land(warehouse, folder, Silent())


def rows_of(warehouse, table, columns="*"):
    return warehouse.connection.execute(f"select {columns} from raw.{table}").fetchall()


def rejected(warehouse):
    columns = "source_file, line_number, column_name, reason"
    return rows_of(warehouse, "rejected_rows", columns)


NUMBER = "is not a number"


WHOLE = "is not a whole number"


NOT_A_LIST = "is not a list of texts such as ['A', 'B']"


COMMA = "has a comma: write it as 1234.5"


MANGLED = "was made a number by a spreadsheet: export ids as text"


NOT_A_DATE = "is not a date such as 1999, 1999-12 or 1999-12-31"


names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
