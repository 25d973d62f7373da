"""What the three Kaggle files look like, and what makes a row of them unusable.

A layout is a table of columns: the header name in the file, the column of the raw table, the SQL
that turns the text into a value, and the faults that reject the row. The values of a file are only
ever data of these expressions, never part of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa
from duckdb import DuckDBPyConnection

from playback.warehouse import AUDIO_FEATURES

FIRST_YEAR, LAST_YEAR = 1860, 2100
"""The oldest known recording is of 1860; the simulated calendar ends in 2100."""

_DAY_MS = 86_400_000


class Fault(NamedTuple):
    """Why a row is rejected, and the SQL condition on `{text}` and `{value}` that says so."""

    reason: str
    condition: str


@dataclass(frozen=True)
class Column:
    """One column of a file.

    Attributes:
        header: its name in the file, folded by `fold_header`.
        target: its name in the raw table.
        value: SQL that turns `{text}` (NULL where the field is empty) into the value to land.
        faults: the first that holds rejects the row.
    """

    header: str
    target: str
    value: str
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Layout:
    """The columns that a file of one shape must have."""

    columns: tuple[Column, ...]

    def missing_from(self, header: Sequence[str]) -> list[str]:
        """Name the columns that a folded header lacks."""
        return [column.header for column in self.columns if column.header not in header]

    @property
    def faults(self) -> list[tuple[str, str]]:
        """Header name and reason of every fault, in the order of `judge`'s numbers."""
        return [(column.header, fault.reason) for column in self.columns for fault in column.faults]

    def judge(self, connection: DuckDBPyConnection, rows: pa.Table) -> pa.Table:
        """Turn text into values.

        Args:
            connection: any DuckDB connection; nothing stays behind in it.
            rows: one text column a header name of this layout.

        Returns:
            As many rows in the same order: the columns of the raw table, and `fault`: the number
            of the first fault of the row in `faults`, NULL for a sound row.
        """
        connection.register("text_rows", rows)
        try:
            return connection.sql(self._judgement).to_arrow_table()
        finally:
            connection.unregister("text_rows")

    @property
    def _judgement(self) -> str:
        texts, values, verdicts = [], [], []
        for column in self.columns:
            name = column.header
            texts.append(f"nullif({name}, '') as {name}_text")
            values.append(f"{column.value.format(text=f'{name}_text')} as {column.target}")
            for fault in column.faults:
                condition = fault.condition.format(text=f"{name}_text", value=column.target)
                verdicts.append(f"when {condition} then {len(verdicts)}")
        return f"""
            with texts as (select {", ".join(texts)} from text_rows),
            judged as (select *, {", ".join(values)} from texts)
            select
                {", ".join(column.target for column in self.columns)},
                case {" ".join(verdicts)} end as fault
            from judged"""  # noqa: S608  (made of this module's own texts alone)


def fold_header(name: str) -> str:
    """Fold case, and spaces to underscores: "Track Name " is `track_name`."""
    return "_".join(name.lower().split())


_MISSING = Fault("is missing", "{text} is null")


def _text(header: str, target: str = "", *, required: bool = True) -> Column:
    value = r"case when regexp_matches({text}, '[^\s\pZ\pC]') then {text} end"
    blank = Fault("is missing", "{value} is null")
    return Column(header, target or header, value, (blank,) if required else ())


def _number(header: str, low: float, high: float, *, required: bool = True) -> Column:
    faults = (
        Fault("is not a number", "{text} is not null and coalesce(not isfinite({value}), true)"),
        Fault(f"is outside {low} to {high}", f"{{value}} not between {low} and {high}"),
    )
    return Column(
        header, header, "try_cast({text} as double)", (_MISSING, *faults) if required else faults
    )


def _whole(header: str, low: int, high: int, *, required: bool = True) -> Column:
    number = _number(header, low, high, required=required)
    broken = Fault("is not a whole number", "{value} <> floor({value})")
    return Column(header, header, number.value, (*number.faults, broken))


def _flag(header: str) -> Column:
    value = """case
        when lower({text}) in ('1', '1.0', 'true') then 1
        when lower({text}) in ('0', '0.0', 'false') then 0
    end"""
    return Column(header, header, value, (_MISSING, Fault("is neither 0 nor 1", "{value} is null")))


def _list(header: str, *, required: bool = True) -> Column:
    """A list of texts as Python writes it: ['A', "B's"]. RE2 matches in linear time."""
    times = "+" if required else "*"
    item = rf"""('([^'\\]|\\.){times}'|"([^"\\]|\\.){times}")"""
    pattern = rf"(?s)\s*\[\s*({item}(\s*,\s*{item})*)?\s*\]\s*".replace("'", "''")
    not_a_list = Fault(
        "is not a list of texts such as ['A', 'B']",
        f"{{text}} is not null and not regexp_full_match({{text}}, '{pattern}')",
    )
    empty = Fault("is an empty list", r"regexp_full_match({text}, '\s*\[\s*\]\s*')")
    return Column(
        header, header, "{text}", (_MISSING, not_a_list, empty) if required else (not_a_list,)
    )


def _partial_date(header: str) -> Column:
    whole_date = "try_cast({text} || right('-01-01', 10 - length({text})) as date)"
    year = "try_cast(left({text}, 4) as integer)"
    faults = (
        _MISSING,
        Fault(
            "is not a date such as 1999, 1999-12 or 1999-12-31",
            "not regexp_full_match({text}, '[0-9][0-9][0-9][0-9](-[0-9][0-9](-[0-9][0-9])?)?')",
        ),
        Fault(
            f"is outside the years {FIRST_YEAR} to {LAST_YEAR}",
            f"{year} not between {FIRST_YEAR} and {LAST_YEAR}",
        ),
        Fault("is no day of the calendar", f"{whole_date} is null"),
    )
    return Column(header, header, "{text}", faults)


_RANGES = {
    "danceability": (0, 1),
    "energy": (0, 1),
    "key": (-1, 11),
    "loudness": (-100, 20),
    "mode": (0, 1),
    "speechiness": (0, 1),
    "acousticness": (0, 1),
    "instrumentalness": (0, 1),
    "liveness": (0, 1),
    "valence": (0, 1),
    "tempo": (0, 1000),
}
"""Lowest and highest value of each audio feature: as Spotify documents it (key -1: none found),
loudness in decibels and tempo in beats a minute as far as a recording can go."""

_POPULARITY = _number("popularity", 0, 100)
_AUDIO = (
    *(
        (_whole if feature in ("key", "mode") else _number)(feature, *_RANGES[feature])
        for feature in AUDIO_FEATURES
    ),
    _whole("duration_ms", 1, _DAY_MS),
    _whole("time_signature", 0, 7),
)

ARTISTS = Layout(
    (
        _text("id"),
        _whole("followers", 0, 10_000_000_000, required=False),
        _list("genres", required=False),
        _text("name"),
        _POPULARITY,
    )
)

TRACKS = Layout(
    (
        _text("id"),
        _text("name"),
        _POPULARITY,
        _flag("explicit"),
        _list("artists"),
        _list("id_artists"),
        _partial_date("release_date"),
        *_AUDIO,
    )
)

TRACKS_EXTENDED = Layout(
    (
        _text("artist_name", required=False),
        _text("track_name"),
        _text("track_id"),
        _POPULARITY,
        _whole("year", FIRST_YEAR, LAST_YEAR, required=False),
        _text("genre", required=False),
        *_AUDIO,
    )
)
"""As in "Spotify 1 million tracks"."""

TRACKS_BY_GENRE = Layout(
    (
        Column("artists", "artist_name", "trim(split_part({text}, ';', 1))", ()),
        _text("track_name"),
        _text("track_id"),
        _POPULARITY,
        _text("track_genre", "genre", required=False),
        *_AUDIO,
    )
)
"""As in the dataset of 114,000 tracks in 114 genres: artists as "A;B", and no year."""
