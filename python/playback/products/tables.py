"""What is shipped as a table: its rows in order, in pieces that fit into memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

from playback.errors import PlaybackError
from playback.warehouse import Warehouse

PIECE_ROWS = 2_000_000
"""Most rows that are sorted at once, unless a single day has more."""

_LEAVES_AS = {
    **dict.fromkeys(("VARCHAR", "BOOLEAN", "INTEGER", "BIGINT", "DOUBLE", "DATE", "TIMESTAMP")),
    **dict.fromkeys(("TINYINT", "SMALLINT", "UTINYINT", "USMALLINT"), "INTEGER"),
    **dict.fromkeys(("UINTEGER", "UBIGINT", "HUGEINT"), "BIGINT"),
    **dict.fromkeys(("DECIMAL", "FLOAT"), "DOUBLE"),
    **dict.fromkeys(("TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), "TIMESTAMP"),
    "ENUM": "VARCHAR",
}
"""The types that every reader knows; and what others, which few do, leave as instead.

pandas takes a decimal for an object, Parquet has no integer as long as a HUGEINT, and so on.
"""

_FORMULA = r"^[=+@\t\r-]"
"""How a text begins that a spreadsheet runs as a formula (a regular expression)."""

_MOMENT = "TIMESTAMP WITH TIME ZONE"
"""A moment in Parquet: it says there that it is UTC, so that no reader takes it for local time."""


@dataclass(frozen=True)
class ExportRequest:
    """What is asked of an export: everything, unless told otherwise.

    Attributes:
        only: names of the tables wanted.
        since: first day (UTC) of the rows that have a moment.
        until: last day of them, included.
        part_rows: most rows of a file, unless a day of plays has more; a longer table is cut.
        safe_csv: whether texts in CSV that a spreadsheet would run as a formula get a ' in front.
    """

    only: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    part_rows: int | None = None
    safe_csv: bool = False

    def __post_init__(self) -> None:
        if self.since and self.until and self.until < self.since:
            raise PlaybackError(
                f"--until {self.until} is before --since {self.since}: give a later --until"
            )

    @property
    def has_window(self) -> bool:
        """Whether not all days are wanted."""
        return self.since is not None or self.until is not None

    def cut(self, moment: str) -> str:
        """The condition that a moment lies in the window, for a query."""
        name = quoted(moment)
        bounds = ["true"]
        if self.since:
            bounds.append(f"{name} >= timestamp '{self.since}'")
        if self.until:
            bounds.append(f"{name} < timestamp '{self.until + timedelta(days=1)}'")
        return " and ".join(bounds)


@dataclass(frozen=True)
class Table:
    """A relation of the warehouse that leaves as files.

    Attributes:
        name: what the file is called, without its suffix.
        suffix: kind of file: csv, avro or parquet.
        schema: where the relation is.
        relation: name of the table or view.
        moment: timestamp that a window cuts the rows by and that they are ordered by; None where
            there is no such column, so that the table always leaves whole.
        month: column with the month of the moment, if each is to have a folder `<month>=<value>`,
            as readers of Hive layouts understand; it is then in the path alone.
        in_window: whether the relation sums up the plays of the window that the session names.
        key: columns that tell its rows apart, to order by alone: a large table is sorted by few
            columns in half the time that all of them take.
        counted_in: relation with the same number of rows at each moment, for a query, where its own
            rows take long to count.
    """

    name: str
    suffix: str
    schema: str
    relation: str
    moment: str | None = None
    month: str | None = None
    in_window: bool = False
    key: tuple[str, ...] = ()
    counted_in: str | None = None

    @property
    def source(self) -> str:
        """The relation, for a query."""
        return f"{quoted(self.schema)}.{quoted(self.relation)}"

    @property
    def is_cut(self) -> bool:
        """Whether a window makes a difference."""
        return self.moment is not None or self.in_window


class SelectedColumn(NamedTuple):
    """A column as it is shipped.

    Attributes:
        name: its name.
        data_type: the DuckDB type that it leaves as.
        description: what the project says of it.
        expression: the same of the relation, for a query.
    """

    name: str
    data_type: str
    description: str
    expression: str


class Piece(NamedTuple):
    """A query for some rows of a table, in order, and how many they are."""

    query: str
    rows: int


class Planned(NamedTuple):
    """A file to write: its path without the suffix, and the pieces that it is made of."""

    stem: str
    pieces: list[Piece]


class DayRows(NamedTuple):
    """A day (UTC) and its number of rows."""

    on: date
    rows: int


def columns(warehouse: Warehouse, table: Table) -> list[SelectedColumn]:
    """The columns of a table, as it is shipped.

    Raises:
        PlaybackError: a column is of a type that not every reader knows.
    """
    found = warehouse.rows(
        "select column_name, data_type, coalesce(comment, '') from duckdb_columns() "
        "where database_name = current_database() and schema_name = ? and table_name = ? "
        "order by column_index",
        table.schema,
        table.relation,
    )
    return [
        _column(table, name, data_type, _line(comment))
        for name, data_type, comment in found
        if name != table.month
    ]


def _column(table: Table, name: str, held_as: str, description: str) -> SelectedColumn:
    """A column of a table, cast where its type is not one that every reader knows."""
    bare = held_as.partition("(")[0]
    if bare not in _LEAVES_AS or held_as.endswith("]"):
        raise PlaybackError(
            f"{table.relation}.{name} is of the type {held_as}, which not every reader knows: "
            f"cast it to one of {', '.join(_LEAVES_AS)} in the model"
        )
    data_type, expression = _LEAVES_AS[bare] or bare, quoted(name)
    if data_type != bare:
        expression = f"cast({expression} as {data_type})"
    if data_type == "TIMESTAMP" and table.suffix == "parquet":
        # A cast would take it for the local time of the machine.
        data_type, expression = _MOMENT, f"make_timestamptz(epoch_us({expression}))"
    return SelectedColumn(name, data_type, description, expression)


def description(warehouse: Warehouse, table: Table) -> str:
    """What the project says of a table."""
    found = warehouse.rows(
        "select comment from duckdb_tables() where schema_name = $1 and table_name = $2 "
        "union all "
        "select comment from duckdb_views() where schema_name = $1 and view_name = $2",
        table.schema,
        table.relation,
    )
    return _line(found[0][0] or "")


@contextmanager
def planned(warehouse: Warehouse, table: Table, request: ExportRequest) -> Iterator[list[Planned]]:
    """Yield the files that a table becomes.

    Raises:
        PlaybackError: the window has no rows.
    """
    if table.moment:
        yield _by_day(warehouse, table, request)
        return
    with _session_window(warehouse, request if table.in_window else ExportRequest()):
        yield from _by_columns(warehouse, table, request)


@contextmanager
def _session_window(warehouse: Warehouse, request: ExportRequest) -> Iterator[None]:
    """Name a window to the views that sum up its plays (macro `window_bound`)."""
    bounds = {"window_since": request.since, "window_until": request.until}
    named = {name: day for name, day in bounds.items() if day}
    for name, day in named.items():
        warehouse.connection.execute(f"set variable {name} = date '{day}'")
    try:
        yield
    finally:
        for name in named:
            warehouse.connection.execute(f"reset variable {name}")


def _by_columns(
    warehouse: Warehouse, table: Table, request: ExportRequest
) -> Iterator[list[Planned]]:
    """The whole relation, ordered by its key, or by its columns from left to right."""
    rows = warehouse.count(table.source)
    selected = _selected(_asked(warehouse, table, request))
    order = ", ".join(map(quoted, table.key)) or "all"
    ordered = f"select {selected} from {table.source} order by {order}"
    if request.part_rows is None or rows <= request.part_rows:
        yield [Planned(table.name, [Piece(ordered, rows)])]
        return
    sorted_once = quoted(f"ordered_{table.name}")
    warehouse.connection.execute(f"create temp table {sorted_once} as {ordered}")
    try:
        yield _parts(
            table.name,
            [
                [
                    Piece(
                        f"select * from {sorted_once} "
                        f"where rowid >= {start} and rowid < {start + request.part_rows}",
                        min(request.part_rows, rows - start),
                    )
                ]
                for start in range(0, rows, request.part_rows)
            ],
        )
    finally:
        warehouse.connection.execute(f"drop table {sorted_once}")


def row_count(warehouse: Warehouse, table: Table, request: ExportRequest) -> int:
    """Number of rows that leave."""
    where = f" where {request.cut(table.moment)}" if table.moment else ""
    with _session_window(warehouse, request if table.in_window else ExportRequest()):
        return warehouse.count(f"{table.counted_in or table.source}{where}")


def days(warehouse: Warehouse, table: Table, request: ExportRequest) -> list[DayRows]:
    """The days of a table with a moment that lie in the window, in order.

    Raises:
        PlaybackError: the window has no rows.
    """
    moment, counted_in = quoted(table.moment or ""), table.counted_in or table.source
    found = warehouse.rows(
        f"select cast({moment} as date) as moment_on, count(*) from {counted_in} "
        f"where {request.cut(table.moment or '')} group by moment_on order by moment_on"
    )
    if not found and request.has_window:
        ((first, last),) = warehouse.rows(
            f"select cast(min({moment}) as date), cast(max({moment}) as date) from {counted_in}"
        )
        raise PlaybackError(
            f"no plays from {request.since or 'the start'} to {request.until or 'the end'}: "
            f"there are plays from {first} to {last}, so choose --since and --until among those"
        )
    return [DayRows(*row) for row in found]


def spans(days: list[DayRows], most: int | None) -> list[list[DayRows]]:
    """Cut days into spans of at most `most` rows, or of one day; without a limit into one."""
    cut: list[list[DayRows]] = []
    rows = 0
    for day in days:
        if not cut or (most is not None and rows + day.rows > most):
            cut.append([])
            rows = 0
        cut[-1].append(day)
        rows += day.rows
    return cut


def _by_day(warehouse: Warehouse, table: Table, request: ExportRequest) -> list[Planned]:
    found = days(warehouse, table, request)
    shipped = _asked(warehouse, table, request)
    if table.month:
        return [
            Planned(
                f"{table.name}/{table.month}={month}/{_part(number)}",
                [_piece(table, shipped, span)],
            )
            for month, in_month in groupby(found, lambda day: day.on.replace(day=1))
            for number, span in enumerate(spans(list(in_month), request.part_rows))
        ]
    parts = [
        [
            _piece(table, shipped, span)
            for span in spans(part, min(PIECE_ROWS, request.part_rows or PIECE_ROWS))
        ]
        for part in spans(found, request.part_rows)
    ]
    if not parts:
        return [Planned(table.name, [Piece(f"select {_selected(shipped)} from {table.source}", 0)])]
    return _parts(table.name, parts)


def _piece(table: Table, shipped: list[SelectedColumn], span: list[DayRows]) -> Piece:
    """The rows of some days: by their moment, or as they lie in a month of its own.

    Without a key every column takes part in the order, so that only equal rows can change places.
    The month is said as well as its days: where the relation is a view, it cuts what the plays are
    joined with.
    """
    moment = quoted(table.moment or "")
    first, after = span[0].on, span[-1].on + timedelta(days=1)
    names = [quoted(column.name) for column in shipped]
    if table.key:
        order = [quoted(name) for name in table.key]
    elif table.month:
        order = names
    else:
        order = [moment, *(name for name in names if name != moment)]
    of_month = f"and {quoted(table.month)} = date '{first.replace(day=1)}' " if table.month else ""
    return Piece(
        f"select {_selected(shipped)} from {table.source} "
        f"where {moment} >= timestamp '{first}' and {moment} < timestamp '{after}' {of_month}"
        f"order by {', '.join(order)}",
        sum(day.rows for day in span),
    )


def _asked(warehouse: Warehouse, table: Table, request: ExportRequest) -> list[SelectedColumn]:
    """The columns of a table, as a request wants them."""
    shipped = columns(warehouse, table)
    if not (request.safe_csv and table.suffix == "csv"):
        return shipped
    return [
        column._replace(expression=_defused(column.expression))
        if column.data_type == "VARCHAR"
        else column
        for column in shipped
    ]


def _defused(expression: str) -> str:
    is_formula = f"regexp_matches({expression}, {text(_FORMULA)})"
    return f"if({is_formula}, '''' || {expression}, {expression})"


def _selected(shipped: list[SelectedColumn]) -> str:
    return ", ".join(f"{column.expression} as {quoted(column.name)}" for column in shipped)


def _parts(name: str, parts: list[list[Piece]]) -> list[Planned]:
    if len(parts) == 1:
        return [Planned(name, parts[0])]
    return [Planned(f"{name}/{_part(number)}", pieces) for number, pieces in enumerate(parts)]


def _part(number: int) -> str:
    return f"part-{number:05d}"


def _line(text: str) -> str:
    return " ".join(text.split())


def quoted(name: str) -> str:
    """Quote an identifier."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def text(value: object) -> str:
    """Quote a text: COPY takes no bound parameters."""
    escaped = str(value).replace("'", "''")
    return f"'{escaped}'"
