"""What the three Kaggle files look like, and what makes a row of them unusable.

A layout is a table of columns: the header name in the file, the column of the raw table, the SQL
that turns the text into a value, and the faults that make it unusable. The values of a file are
only ever data of these expressions, never part of them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from duckdb import DuckDBPyConnection

from playback.warehouse import AUDIO_FEATURES

FIRST_YEAR, LAST_YEAR = 1860, 2100
"""The oldest known recording is of 1860; the simulated calendar ends in 2100."""

_DAY_MS = 86_400_000


_AROUND = " \t\r\n\v\f\N{NO-BREAK SPACE}\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NO-BREAK SPACE}"
"""What is no part of a value where it stands around it."""

_NULL_SPELLINGS = pa.array(
    (
        *("", "null", "none", "nan", "na", "n/a", "nat", "nil", "undefined", r"\n", r"\\n"),
        *("-", "--", "?", "#n/a", "#na", "#n/a n/a", "#null!", "<na>", "<null>", "(null)"),
        *("-nan", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan"),
    )
)
"""How spreadsheets, databases, pandas, R and others write that there is no value, in lower case."""


def _read_value(field: pa.ChunkedArray) -> pa.ChunkedArray:
    text = pc.utf8_trim(field, _AROUND)
    return _without(text, pc.is_in(pc.utf8_lower(text), _NULL_SPELLINGS))


def _read_name(field: pa.ChunkedArray) -> pa.ChunkedArray:
    """A name as it stands: there are songs called "None" and "Null"."""
    is_seen = pc.match_substring_regex(field, r"[^\s\pZ\pC]")
    return _without(field, pc.or_(pc.invert(is_seen), pc.equal(field, r"\N")))


def _without(text: pa.ChunkedArray, is_nothing: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(is_nothing, pa.scalar(None, pa.string()), text)


@dataclass(frozen=True)
class Spelling:
    """How a value is written, and how tools write it otherwise.

    Attributes:
        proper: the pattern of what needs no change.
        others: patterns of other spellings and what to write for them, tried in this order.
        nothing: the pattern of what only says that there is no value, if there is one.
    """

    proper: str
    others: tuple[tuple[str, str], ...]
    nothing: str | None = None

    def correct(self, text: pa.ChunkedArray) -> pa.ChunkedArray:
        """Spell what can be read as it should be; what cannot be stays improper."""
        if self.nothing:
            text = _without(text, _matches(text, self.nothing))
        is_proper = _matches(text, self.proper)
        if pc.all(is_proper).as_py():
            return text
        changed = text
        for pattern, proper in self.others:
            changed = pc.replace_substring_regex(changed, pattern, proper)
        return pc.if_else(is_proper, text, changed)


def _matches(text: pa.ChunkedArray, pattern: str) -> pa.ChunkedArray:
    return pc.match_substring_regex(text, f"^(?s:{pattern})$")


class FaultCheck(NamedTuple):
    """Why a value cannot be used, and the SQL condition on `{text}` and `{value}` that says so."""

    reason: str
    condition: str


MISSING = FaultCheck("is missing", "{text} is null")


@dataclass(frozen=True)
class Column:
    """One column of a file.

    Attributes:
        header: its name in the file, folded by `fold_header`.
        target: its name in the raw table.
        value: SQL that turns `{text}` (NULL where there is nothing) into the value to land.
        faults: the first that holds makes the value unusable; `MISSING` comes before them.
        required: whether an unusable value rejects the row; an optional one lands as NULL.
        spelling: how the text should be written, where tools write it otherwise.
        is_name: whether the text is landed as it stands.
        extra: whether a file may lack the whole column.
    """

    header: str
    target: str
    value: str = "{text}"
    faults: tuple[FaultCheck, ...] = ()
    required: bool = True
    spelling: Spelling | None = None
    is_name: bool = False
    extra: bool = False

    def read(self, field: pa.ChunkedArray) -> pa.ChunkedArray:
        """The texts of fields as they stand in the file, null where there is nothing."""
        text = _read_name(field) if self.is_name else _read_value(field)
        return self.spelling.correct(text) if self.spelling else text


class Judged(NamedTuple):
    """What came of the rows of a batch.

    Attributes:
        accepted: the rows to land, in their order, with the columns of the raw table.
        rejected: of every other row its position in the batch, a header name and a reason.
        missing: how many optional values of the accepted rows are missing, by header and reason.
    """

    accepted: pa.Table
    rejected: list[tuple[int, str, str]]
    missing: Counter[tuple[str, str]]


@dataclass(frozen=True)
class Layout:
    """The columns that a file of one shape has."""

    columns: tuple[Column, ...]

    def missing_from(self, header: Sequence[str]) -> list[str]:
        """Name the columns that a folded header lacks and must have."""
        return [it.header for it in self.columns if it.header not in header and not it.extra]

    def of_file(self, header: Sequence[str]) -> "Layout":
        """The layout without the extra columns that a folded header lacks."""
        return Layout(tuple(it for it in self.columns if it.header in header or not it.extra))

    def judge(self, connection: DuckDBPyConnection, rows: pa.Table) -> Judged:
        """Turn text into values.

        Args:
            connection: any DuckDB connection; nothing stays behind in it.
            rows: one text column a header name of this layout.
        """
        texts = {f"{it.header}_text": it.read(rows[it.header]) for it in self.columns}
        connection.register("text_rows", pa.table(texts))
        try:
            judged = connection.sql(self._judgement).to_arrow_table()
        finally:
            connection.unregister("text_rows")
        fault = judged["fault"]
        at_fault = np.flatnonzero(pc.is_valid(fault)).tolist()
        rejected = [
            (row, *self._faults[number])
            for row, number in zip(at_fault, fault.drop_null().to_pylist(), strict=True)
        ]
        sound = judged.filter(pc.is_null(fault))
        missing = Counter(
            {
                self._faults[found["values"]]: found["counts"]
                for column in self.columns
                if not column.required
                for found in pc.value_counts(sound[_unusable(column)].drop_null()).to_pylist()
            }
        )
        accepted = sound.select([column.target for column in self.columns])
        return Judged(accepted, rejected, missing)

    @cached_property
    def _faults(self) -> list[tuple[str, str]]:
        """Header name and reason of every fault, by its number in the SQL."""
        return [
            (column.header, fault.reason)
            for column in self.columns
            for fault in (MISSING, *column.faults)
        ]

    @cached_property
    def _judgement(self) -> str:
        values, verdicts, rejections, landed = [], [], [], []
        number = 0
        for column in self.columns:
            text = f"{column.header}_text"
            values.append(f"{_filled(column.value, text)} as {column.target}")
            cases = []
            for fault in (MISSING, *column.faults):
                condition = _filled(fault.condition, text, column.target)
                cases.append(f"when {condition} then {number}")
                number += 1
            verdict = f"case {' '.join(cases)} end"
            if column.required:
                rejections.append(verdict)
                landed.append(column.target)
            else:
                unusable = _unusable(column)
                verdicts.append(f"{verdict} as {unusable}")
                landed.append(f"case when {unusable} is null then {column.target} end")
                landed[-1] += f" as {column.target}, {unusable}"
        verdicts.append(f"coalesce({', '.join(rejections)}) as fault")
        return f"""
            with converted as (select *, {", ".join(values)} from text_rows),
            judged as (select *, {", ".join(verdicts)} from converted)
            select {", ".join(landed)}, fault from judged"""  # noqa: S608  (this module's own texts)


def _filled(sql: str, text: str, value: str = "") -> str:
    return sql.replace("{text}", text).replace("{value}", value)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _unusable(column: Column) -> str:
    return f"{column.target}_unusable"


def fold_header(name: str) -> str:
    """Fold case, and spaces to underscores: "Track Name " is `track_name`."""
    return "_".join(name.lower().split())


_SHORTENED = r"[0-9]([.,][0-9]+)?[eE]\+[0-9]+"
_MADE_A_NUMBER = "was made a number by a spreadsheet: export ids as text"


def _id(header: str, *, required: bool = True) -> Column:
    mangled = FaultCheck(_MADE_A_NUMBER, f"regexp_full_match({{text}}, '{_SHORTENED}')")
    return Column(header, header, faults=(mangled,), required=required)


def _name(header: str) -> Column:
    return Column(header, header, is_name=True)


def _extra_name(header: str) -> Column:
    return replace(_name(header), required=False, extra=True)


def _optional_text(header: str, target: str = "") -> Column:
    return Column(header, target or header, required=False)


def _number(header: str, low: float, high: float, *, required: bool = True) -> Column:
    faults = (
        FaultCheck(
            "has a comma: write it as 1234.5",
            "regexp_full_match({text}, '[-+]?[0-9.]*(,[0-9.]+)+')",
        ),
        FaultCheck("is not a number", "not coalesce(isfinite({value}), false)"),
        FaultCheck(f"is outside {low} to {high}", f"{{value}} not between {low} and {high}"),
    )
    return Column(header, header, "try_cast({text} as double)", faults, required)


def _whole(header: str, low: int, high: int, *, required: bool = True) -> Column:
    number = _number(header, low, high, required=required)
    broken = FaultCheck("is not a whole number", "{value} <> floor({value})")
    return replace(number, faults=(*number.faults, broken))


def _flag(header: str) -> Column:
    value = """case
        when lower({text}) in ('1', '1.0', 'true', 't', 'yes', 'y') then 1
        when lower({text}) in ('0', '0.0', 'false', 'f', 'no', 'n') then 0
    end"""
    return Column(header, header, value, (FaultCheck("is neither 0 nor 1", "{value} is null"),))


_NOTHING = r"""(None|null|NULL|nan|NaN|''|"")"""
_EMPTY_LIST = rf"""\s*["']?\[\s*({_NOTHING}(\s*,\s*{_NOTHING})*)?\s*\]["']?\s*"""
_QUOTES = "‘’‚‛“”„‟"  # noqa: RUF001  (the typographic ones)
_OPENED, _CLOSED = rf"((?:^\s*\[|,)\s*)[{_QUOTES}]", rf"[{_QUOTES}](\s*(?:,|\]\s*$))"
_STRAIGHTENED = (
    *2 * ((rf"(?s){_OPENED}([^']*?){_CLOSED}", r"\1'\2'\3"),),
    *2 * ((rf'(?s){_OPENED}([^"]*?){_CLOSED}', r'\1"\2"\3'),),
)
"""Typographic quotes around the items of a list, as straight ones that the item does not hold; each
twice, for the comma behind an item is the one before the next."""

_TRIMMED = (
    (r"""((?:^\s*\[|,)\s*['"])[\s\pZ\pC]+""", r"\1"),
    (r"""[\s\pZ\pC]+(['"]\s*(?:,|\]\s*$))""", r"\1"),
)


def _list(header: str, *, required: bool = True) -> Column:
    """A list of texts as Python writes it: ['A', "B's"]. RE2 matches in linear time."""
    times = "+" if required else "*"
    proper = _pattern_of_list(rf"""('([^'\\]|\\.){times}'|"([^"\\]|\\.){times}")""")
    empty = FaultCheck("is an empty list", f"regexp_full_match({{text}}, {_literal(_EMPTY_LIST)})")
    not_a_list = FaultCheck(
        "is not a list of texts such as ['A', 'B']",
        f"not regexp_full_match({{text}}, {_literal(f'(?s){proper}')})",
    )
    return Column(
        header,
        header,
        faults=(empty, not_a_list) if required else (not_a_list,),
        required=required,
        spelling=Spelling(proper, _STRAIGHTENED, None if required else _EMPTY_LIST),
    )


def _id_list(header: str) -> Column:
    column = _list(header)
    shortened = _literal(rf"""['"]{_SHORTENED}['"]""")
    mangled = FaultCheck(_MADE_A_NUMBER, f"regexp_matches({{text}}, {shortened})")
    of_ids = _pattern_of_list(r"""('[^'\\\s\pZ\pC]+'|"[^"\\\s\pZ\pC]+")""")
    return replace(
        column,
        faults=(*column.faults, mangled),
        spelling=Spelling(of_ids, (*_STRAIGHTENED, *_TRIMMED)),
    )


def _pattern_of_list(item: str) -> str:
    return rf"\s*\[\s*({item}(\s*,\s*{item})*)?\s*\]\s*"


_PARTIAL_DATE = r"\d{4}(-\d{2}(-\d{2})?)?"
_TIME = r"[T ]\s*\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?\s*(Z|UTC|GMT|[-+]\d{2}(:?\d{2})?)?"
_OTHER_DATES = (
    (rf"^(\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}}){_TIME}$", r"\1"),
    (r"^(\d{4})\.0+$", r"\1"),
    (r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3"),
    (r"^(\d{4})/(\d{1,2})$", r"\1-\2"),
    (r"^(\d{4})/(\d{1,2})/(\d{1,2})$", r"\1-\2-\3"),
    (r"^(\d{4})-(\d)(-\d{1,2})?$", r"\1-0\2\3"),
    (r"^(\d{4}-\d{2})-(\d)$", r"\1-0\2"),
)


def _partial_date(header: str) -> Column:
    """A year, a month or a day, the year first: what else there is can be read in two ways.

    A day with a time is that day, as written: a release has none, and a tool adds midnight.
    """
    whole_date = "try_cast({text} || right('-01-01', 10 - length({text})) as date)"
    year = "try_cast(left({text}, 4) as integer)"
    faults = (
        FaultCheck(
            "is not a date such as 1999, 1999-12 or 1999-12-31",
            f"not regexp_full_match({{text}}, '{_PARTIAL_DATE}')",
        ),
        FaultCheck(
            f"is outside the years {FIRST_YEAR} to {LAST_YEAR}",
            f"{year} not between {FIRST_YEAR} and {LAST_YEAR}",
        ),
        FaultCheck("is no day of the calendar", f"{whole_date} is null"),
    )
    return Column(header, header, faults=faults, spelling=Spelling(_PARTIAL_DATE, _OTHER_DATES))


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


def _audio(*, required: bool = True) -> tuple[Column, ...]:
    return (
        *(
            (_whole if feature in ("key", "mode") else _number)(
                feature, *_RANGES[feature], required=required
            )
            for feature in AUDIO_FEATURES
        ),
        _whole("duration_ms", 1, _DAY_MS, required=required),
        _whole("time_signature", 0, 7, required=required),
    )


ARTISTS = Layout(
    (
        _id("id"),
        _whole("followers", 0, 10_000_000_000, required=False),
        _list("genres", required=False),
        _name("name"),
        _number("popularity", 0, 100),
    )
)

TRACKS = Layout(
    (
        _id("id"),
        _name("name"),
        _number("popularity", 0, 100),
        _flag("explicit"),
        _list("artists"),
        _id_list("id_artists"),
        _partial_date("release_date"),
        _extra_name("album_name"),
        replace(_whole("track_number", 1, 10_000, required=False), extra=True),
        *_audio(),
    )
)

_OF_A_TRACK_ELSEWHERE = (
    _name("track_name"),
    _extra_name("album_name"),
    _id("track_id", required=False),
    _number("popularity", 0, 100, required=False),
    *_audio(required=False),
)
"""The extended file lends a track its genre, found by its name: the rest is in the tracks file."""

TRACKS_EXTENDED = Layout(
    (
        _optional_text("artist_name"),
        _whole("year", FIRST_YEAR, LAST_YEAR, required=False),
        _optional_text("genre"),
        *_OF_A_TRACK_ELSEWHERE,
    )
)
"""As in "Spotify 1 million tracks"."""

TRACKS_BY_GENRE = Layout(
    (
        replace(
            _optional_text("artists", "artist_name"),
            value="nullif(trim(split_part({text}, ';', 1)), '')",
        ),
        _optional_text("track_genre", "genre"),
        *_OF_A_TRACK_ELSEWHERE,
    )
)
"""As in the dataset of 114,000 tracks in 114 genres: artists as "A;B", and no year."""
