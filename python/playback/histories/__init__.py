"""Own listening histories: the files people get from their service, landed as a world."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from playback import __version__, timezones
from playback.catalogue import audio_clusters, kaggle
from playback.errors import PlaybackError
from playback.file_kinds import kind_of
from playback.histories import catalogue, landing
from playback.histories.accounting import Account
from playback.histories.columns import Columns
from playback.histories.files import HistoryFile, find, read
from playback.histories.recognise import OWN, Format, recognise
from playback.histories.rows import Moments, Rejected, RowBatch
from playback.progress import Progress
from playback.warehouse import Warehouse
from playback.words import counted

SOURCE = "histories"
"""What raw.world calls a catalogue that was made from histories."""

KNOWN = (
    "Spotify's extended streaming history or account data, ListenBrainz, Last.fm by one of its "
    "exporters, and any table with --columns"
)

_NAMED_BY_SERVICE = re.compile(
    r"(Streaming_?History\w*|endsong\w*|endvideo\w*|\d{1,2})[-\w]*\.jsonl?", re.IGNORECASE
)
"""Names that hold nothing of their owner."""


@dataclass(frozen=True)
class Request:
    """What is to be imported.

    Attributes:
        paths: zips, folders and files.
        listener: whose history it is; by default each service makes a listener.
        timezone: the listener's clock; None keeps the one there is, or UTC.
        catalogue: folder of the Kaggle files that say more of the tracks.
        columns: what the columns are of a table of one's own.
    """

    paths: list[Path]
    listener: str | None = None
    timezone: str | None = None
    catalogue: Path | None = None
    columns: Columns | None = None


@dataclass(frozen=True)
class Source:
    """A file that is to be imported, and what it is."""

    file: HistoryFile
    format: Format
    listener: str | None
    key: str

    @property
    def label(self) -> str:
        """What the database calls the file: nothing that may be the name of an account."""
        name = self.file.name if _NAMED_BY_SERVICE.fullmatch(self.file.name) else self.format.name
        return f"{name} ({self.key[:8]})"


@dataclass(frozen=True)
class Imported:
    """What an import has done.

    Attributes:
        accounts: one per file.
        unopened: how many files beside them were left alone.
        clocks: the time zones of the listeners.
        is_changed: whether the world is another one now.
    """

    accounts: list[Account]
    unopened: int
    clocks: list[str]
    is_changed: bool

    def in_words(self) -> str:
        """What was imported, in one phrase."""
        rows, landed = (sum(it.parts[place] for it in self.accounts) for place in (0, 1))
        told = (
            f"{counted(landed, 'new row')} among {counted(rows, 'row')} "
            f"of {counted(len(self.accounts), 'file')}"
        )
        left = f", {counted(self.unopened, 'other file')} left unread" if self.unopened else ""
        return told + left

    def clocks_in_words(self) -> str:
        """By which clocks days and hours are told, and how to have another."""
        told = f"Times by {' and '.join(self.clocks)}"
        return told + (": give --timezone Area/City for another" if "UTC" in self.clocks else "")


def sources(request: Request) -> tuple[list[Source], int]:
    """The histories among the files asked for, and how many files were left alone.

    Raises:
        PlaybackError: a path cannot be read, is no history that is known, or holds none; or there
            is no such time zone.
    """
    if request.timezone and request.timezone not in timezones.names():
        raise PlaybackError(
            f"--timezone {request.timezone}: there is no such time zone; "
            "name one as Europe/Berlin or America/New_York"
        )
    files, unopened = find(request.paths)
    found = []
    for file in files:
        kind = recognise(file, request.columns)
        if kind:
            listener = request.listener or kind.service
            parts = [listener, file.digest(), request.columns if kind.name == OWN else ""]
            key = hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:16]
            found.append(Source(file, kind, listener, key))
        elif file.is_named:
            raise PlaybackError(f"{file} {_what_else(file, request.columns)}")
        else:
            unopened += 1
    if not found:
        where = ", ".join(map(str, request.paths))
        raise PlaybackError(f"no listening history in {where}: there is {KNOWN}")
    return found, unopened


def _what_else(file: HistoryFile, columns: Columns | None) -> str:
    """Say what a file is that is no history."""
    head = file.head()
    kind = kind_of(head)
    if head.strip() in (b"", b"[]"):
        return "is empty: it holds no plays"
    if columns:
        wanted = ", ".join(columns.of.values())
        return f"does not have all the columns that --columns names: {wanted}"
    if kind and kind[0] not in ("JSON", "a Parquet file", "UTF-16 text"):
        return f"is {kind[0]}, and no listening history: {KNOWN} can be imported"
    return f"is no listening history that is known: there is {KNOWN}"


def land(
    warehouse: Warehouse,
    request: Request,
    found: tuple[list[Source], int],
    progress: Progress,
) -> Imported:
    """Import the files found into a world, all of them or nothing.

    Raises:
        PlaybackError: a file cannot be read to its end.
    """
    files, unopened = found
    moments = Moments(datetime.now(UTC))
    with warehouse.transaction():
        warehouse.hold(*landing.CHANGED)
        before = fingerprint(warehouse)
        standing = {key for (key,) in warehouse.rows("select file_key from raw.imported_files")}
        landing.remember_plays(warehouse)
        accounts = {}
        progress.begin(len(files), "files")
        for source in files:
            if source.key not in standing:
                _read(warehouse, source, moments, progress)
            standing.add(source.key)
            accounts.setdefault(source, None)
            progress.advance(1)
        _have_listeners(warehouse, files, request.timezone)
        has_company = is_simulated(warehouse)
        if request.catalogue and not has_company:
            _learn(warehouse, request.catalogue, progress, is_new=fingerprint(warehouse) != before)
        if is_changed := fingerprint(warehouse) != before:
            landing.rebuild(warehouse)
            if not has_company:
                warehouse.clear("track_audio_clusters")
                audio_clusters.land(warehouse, 0)
                _land_world(warehouse)
        told = [_account(warehouse, it) for it in accounts]
        return Imported(told, unopened, _clocks(warehouse, files), is_changed)


def is_simulated(warehouse: Warehouse) -> bool:
    """Whether the world was made with simulated listeners, beside whom others are imported."""
    return bool(warehouse.rows("select 1 from raw.world where catalogue_source <> ?", SOURCE))


def _learn(warehouse: Warehouse, folder: Path, progress: Progress, *, is_new: bool) -> None:
    """Have what the files of a catalogue say, unless it is known already of these very plays."""
    if is_new or warehouse.stage_fingerprint(catalogue.STAGE) != kaggle.fingerprint(folder):
        catalogue.learn(warehouse, folder, progress)


def fingerprint(warehouse: Warehouse) -> str:
    """Hash of all that an imported world depends on."""
    parts = [
        landing.VERSION,
        *warehouse.rows("select file_key from raw.imported_files order by all"),
        *warehouse.rows("select listener, timezone from raw.imported_listeners order by all"),
        warehouse.stage_fingerprint(catalogue.STAGE),
        *warehouse.rows(
            "select land_fingerprint from raw.world where catalogue_source <> ?", SOURCE
        ),
    ]
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:16]


def _read(warehouse: Warehouse, source: Source, moments: Moments, progress: Progress) -> None:
    """Keep the plays of a file as it has them, and count what is none."""
    counts = [0, 0, 0, 0, 0]
    with source.file.open() as stream:
        batches = source.format.read(stream, moments)
        while batch := read(source.file, lambda: next(batches, None)):
            _append(warehouse, source, batch)
            of_batch = batch.counts
            for place, count in enumerate(
                (
                    *(of_batch.rows, of_batch.not_music, of_batch.no_track, of_batch.rejected),
                    batch.tracks.num_rows,
                )
            ):
                counts[place] += count
    warehouse.connection.execute(
        "insert into raw.imported_files values (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
        [source.key, source.listener, source.label, source.format.name, *counts],
    )
    warehouse.connection.execute(
        "insert into raw.source_files values (?, ?)", [source.label, counts[0]]
    )


def _append(warehouse: Warehouse, source: Source, batch: RowBatch) -> None:
    warehouse.connection.register("read_plays", pa.Table.from_batches([batch.plays]))
    warehouse.connection.execute(
        """
        insert into raw.imported_plays by name
        select
            ? as file_key,
            place,
            coalesce(listener, ?) as listener,
            artist as artist_name,
            track as track_name,
            album as album_name,
            uri as track_uri,
            make_timestamp(started_at * 1000) as started_at,
            make_timestamp(ended_at * 1000) as ended_at,
            listening_ms,
            duration_ms,
            context_code,
            is_private
        from read_plays
        """,
        [source.key, source.listener],
    )
    warehouse.connection.unregister("read_plays")
    if batch.tracks.num_rows:
        warehouse.connection.register("read_tracks", pa.Table.from_batches([batch.tracks]))
        warehouse.connection.execute(
            "insert into raw.imported_track_features by name "
            "select ? as file_key, track as track_name, * exclude (track) from read_tracks",
            [source.key],
        )
        warehouse.connection.unregister("read_tracks")
    if batch.rejected:
        warehouse.append("rejected_rows", _rejected_table(source.label, batch.rejected))


def _rejected_table(label: str, rejected: list[Rejected]) -> pa.Table:
    places, columns, reasons, values = zip(*rejected, strict=True)
    return pa.table(
        {
            "source_file": [label] * len(places),
            "line_number": pa.array(places, pa.int64()),
            "column_name": columns,
            "reason": reasons,
            "line_text": values,
        }
    )


def _have_listeners(warehouse: Warehouse, files: list[Source], timezone: str | None) -> None:
    """Note the listeners that have joined, and the clock named for those of these files."""
    if timezone:
        warehouse.connection.execute(
            """
            update raw.imported_listeners set timezone = ? where listener in (
                select listener from raw.imported_plays where file_key in (select unnest(?))
            )
            """,
            [timezone, [source.key for source in files]],
        )
    warehouse.connection.execute(
        """
        insert into raw.imported_listeners by name
        select distinct listener, coalesce(?, 'UTC') as timezone
        from raw.imported_plays
        where listener not in (select listener from raw.imported_listeners)
        """,
        [timezone],
    )


def _clocks(warehouse: Warehouse, files: list[Source]) -> list[str]:
    found = warehouse.rows(
        """
        select distinct timezone from raw.imported_listeners where listener in (
            select listener from raw.imported_plays where file_key in (select unnest(?))
        ) order by timezone
        """,
        [source.key for source in files],
    )
    return [timezone for (timezone,) in found] or ["UTC"]


def _land_world(warehouse: Warehouse) -> None:
    warehouse.clear("world", "timezone_periods")
    warehouse.append("timezone_periods", timezones.table())
    warehouse.connection.execute(
        """
        insert into raw.world
        select 0, min(window_start), ?, ?, ?, ? from raw.simulation_batches
        """,
        [SOURCE, fingerprint(warehouse), timezones.VERSION, __version__],
    )


def _account(warehouse: Warehouse, source: Source) -> Account:
    """What became of the rows of a file by this import."""
    ((rows, not_music, no_track, rejected, tracks),) = warehouse.rows(
        "select row_count, not_music_count, no_track_count, rejected_count, track_count "
        "from raw.imported_files where file_key = ?",
        source.key,
    )
    landed = landing.count_new(warehouse, source.key)
    account = Account(
        file=source.file.name,
        kind=source.format.name,
        listener=source.listener,
        rows=rows,
        landed=landed,
        duplicates=warehouse.rows(
            "select count(*) from raw.imported_plays where file_key = ?", source.key
        )[0][0]
        + tracks
        - landed,
        not_music=not_music,
        no_track=no_track,
        rejected=rejected,
    )
    account.reasons.update(
        dict(
            warehouse.rows(
                "select column_name || ' ' || reason, count(*) from raw.rejected_rows "
                "where source_file = ? group by all",
                source.label,
            )
        )
    )
    account.check()
    return account
