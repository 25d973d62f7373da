"""`manifest.json`: what a folder of exports holds, and which world it is of. No clock is in it."""

from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from playback.files import WrittenFile
from playback.products import listing
from playback.products.listing import Listing
from playback.warehouse import Warehouse

NAME = "manifest.json"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, validate_by_name=True, serialize_by_alias=True)


class World(_Part):
    """What the plays were made from: the same version makes the same ones from it again.

    Attributes:
        seed: seed of the random numbers.
        preset: name of the preset; None for one of the user's own that was not named.
        preset_hash: fingerprint of all its knobs; None before anything was played.
        catalogue: where the catalogue comes from.
        catalogue_fingerprint: fingerprint of it.
        tzdata_version: release of the package tzdata that its time zones are from.
    """

    seed: int
    preset: str | None
    preset_hash: str | None
    catalogue: str
    catalogue_fingerprint: str
    tzdata_version: str


class Window(_Part):
    """Days (UTC), both included."""

    since: date
    until: date


class ShippedColumn(_Part):
    """A column, with its type as DuckDB calls it."""

    name: str
    type: str
    description: str


class ShippedTable(_Part):
    """A table: what a row of it is, how many there are, its columns.

    `window` holds the plays that its rows are or are made from.
    """

    description: str
    rows: int
    window: Window | None
    columns: list[ShippedColumn]


class DataFile(WrittenFile, _Part):
    """A file of a table, with the type of each column in their order (as `schema`)."""

    table: str
    rows: int
    types: dict[str, str] = Field(alias="schema")


class Manifest(Listing, World):
    """All that an export knows of itself.

    Attributes:
        title: of the feed.
        window: the days whose plays are in it.
        tables: what is in it, by name.
        files: the files of the tables.
        documents: the files beside them: the data card, its metadata, the schemas.
    """

    title: str
    window: Window | None
    tables: dict[str, ShippedTable]
    files: list[DataFile]
    documents: list[WrittenFile]

    @property
    def world(self) -> World:
        """The world that it is of."""
        return World.model_validate(self.model_dump(include=set(World.model_fields)))

    @property
    def names(self) -> set[str]:
        """Every file that the export wrote, this one included."""
        return {NAME, *(entry.file for entry in self.entries)}

    @property
    def entries(self) -> list[WrittenFile]:
        """Every file that the export wrote, except for this one."""
        return [*self.files, *self.documents]


def read(folder: Path) -> Manifest | None:
    """The manifest in a folder; None if there is none that Playback wrote.

    Raises:
        PlaybackError: it cannot be read.
    """
    return listing.read(Manifest, folder / NAME)


def write(manifest: Manifest, folder: Path) -> None:
    """Write the manifest into a folder."""
    (folder / NAME).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")


def world_of(warehouse: Warehouse, preset_names: dict[str, str]) -> World:
    """The world in a warehouse; `preset_names` has the names of known presets by fingerprint.

    Any other preset is called as it was when the world was played last.
    """
    ((seed, catalogue, fingerprint, tzdata_version),) = warehouse.rows(
        "select seed, catalogue_source, land_fingerprint, tzdata_version from raw.world"
    )
    ((preset_hash,),) = warehouse.rows("select max(preset_hash) from raw.simulation_batches")
    return World(
        seed=seed,
        preset=preset_names.get(preset_hash) or warehouse.stage_fingerprint("preset"),
        preset_hash=preset_hash,
        catalogue=catalogue,
        catalogue_fingerprint=fingerprint,
        tzdata_version=tzdata_version,
    )


def window_of(warehouse: Warehouse, since: date | None, until: date | None) -> Window | None:
    """The days that have been played and lie in a window; None before anything was played."""
    ((first, last),) = warehouse.rows(
        "select min(window_start), max(window_end) from raw.simulation_batches"
    )
    if first is None:
        return None
    return Window(since=max(since or first, first), until=min(until or last, last))
