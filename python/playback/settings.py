"""What a world is asked to be, validated: a part for each stage, and all of them for a run."""

import hashlib
import json
import os
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from playback.errors import PlaybackError
from playback.paths import is_file
from playback.preset_file import read_knobs, shortened
from playback.presets import ClassicPlayer, LifelikePlayer, ListenerKnobs

_PACKAGE = Path(__file__).resolve().parent
_SHIPPED_PROJECT = _PACKAGE / "project"

PROJECT_ROOT = _SHIPPED_PROJECT if _SHIPPED_PROJECT.is_dir() else _PACKAGE.parents[1]
"""The dbt project and the presets: inside the package where a wheel brought it, else the clone."""

PRESETS = PROJECT_ROOT / "presets"

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 1, 1)
"""The days between which a world may lie, both included."""

_Asked = TypeVar("_Asked", bound="WorldSettings")


class Preset(BaseModel):
    """Every knob of the simulated world, read from a YAML file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    description: str
    listeners: ListenerKnobs
    player: Annotated[ClassicPlayer | LifelikePlayer, Field(discriminator="mechanism")]

    @property
    def fingerprint(self) -> str:
        """Hash of every knob: equal presets make equal worlds, whatever the file is called."""
        knobs = self.model_dump(mode="json", exclude={"name", "description"})
        return hashlib.sha256(json.dumps(knobs, sort_keys=True).encode()).hexdigest()[:16]


class WorldSettings(BaseModel):
    """What every draw of a world begins with, and raw.world keeps."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = Field(ge=0, lt=2**63)
    start: date

    @model_validator(mode="after")
    def _start_in_range(self) -> Self:
        _require_in_range(self.start)
        return self


class CatalogueSettings(WorldSettings):
    """What the catalogue is made from: so many songs and artists, or the files of a folder."""

    songs: int = Field(ge=1, le=50_000_000)
    artists: int = Field(ge=1, le=10_000_000)
    catalogue: Path | None = None

    @model_validator(mode="after")
    def _a_song_for_every_artist(self) -> Self:
        if self.catalogue is None and self.songs < self.artists:
            raise ValueError(
                f"--songs {self.songs} is fewer than --artists {self.artists}: "
                "every artist needs a song, so ask for at least as many songs"
            )
        return self

    @property
    def catalogue_source(self) -> Literal["synthetic", "kaggle"]:
        """Where the catalogue comes from."""
        return "synthetic" if self.catalogue is None else "kaggle"


class ListenerSettings(WorldSettings):
    """How many listeners there are, and how they are drawn."""

    preset: Preset
    users: int = Field(ge=1, le=50_000_000)


class PlaySettings(WorldSettings):
    """How the listeners play, and until when; `threads` simulate."""

    preset: Preset
    until: date
    threads: int = Field(ge=1, default_factory=lambda: os.cpu_count() or 1)

    @model_validator(mode="after")
    def _until_after_start(self) -> Self:
        if self.until < self.start:
            raise ValueError(
                f"--until {self.until} is before --start {self.start}: give a later --until"
            )
        _require_in_range(self.until)
        return self


class RunSettings(CatalogueSettings, ListenerSettings, PlaySettings):
    """All that a whole run is asked for: each stage takes its part of it."""


def _require_in_range(day: date) -> None:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"--start and --until must lie between {FIRST_DAY} and {LAST_DAY}")


def load_preset(name_or_path: str) -> Preset:
    """Read a preset by name (`lifelike`, `classic`) or from a YAML file.

    Raises:
        PlaybackError: no such preset, not YAML, too large, or a knob is missing, unknown, given
            twice or out of range.
    """
    path = PRESETS / f"{name_or_path}.yml"
    if not is_file(path):
        path = Path(name_or_path)
    if not is_file(path):
        known = ", ".join(sorted(preset.stem for preset in PRESETS.glob("*.yml")))
        raise PlaybackError(
            f"--preset {name_or_path}: no such preset or file; known presets: {known}"
        )
    knobs = read_knobs(path)
    try:
        return Preset.model_validate(knobs)
    except ValidationError as error:
        raise PlaybackError(f"preset {path}: {first_fault(error)}") from error


def shipped_preset_names() -> dict[str, str]:
    """The names of the presets that come with Playback, by their fingerprint."""
    shipped = [load_preset(path.stem) for path in sorted(PRESETS.glob("*.yml"))]
    return {preset.fingerprint: preset.name for preset in shipped}


def validated(kind: type[_Asked], **options: object) -> _Asked:
    """Validate what the options of a command ask for.

    Raises:
        PlaybackError: an option is impossible, or options contradict each other.
    """
    try:
        return kind(**options)
    except ValidationError as error:
        raise PlaybackError(first_fault(error, of_options=True)) from error


def first_fault(error: ValidationError, *, of_options: bool = False) -> str:
    """Put the first fault of a validation in one line: where, what, and the value given.

    An unknown key comes before a missing one, which it is likely to have been meant as.
    """
    faults = error.errors()
    fault = min(faults, key=lambda fault: fault["type"] != "extra_forbidden")
    message = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "extra_forbidden":
        message = "there is no such knob"
    if fault["type"] == "missing":
        message = "is missing"
    more = f"; and {len(faults) - 1} more" if len(faults) > 1 else ""
    where = ".".join(_keys(fault["loc"]))
    if not where:
        return message + more
    if of_options:
        where = f"--{where.replace('_', '-')}"
    given = "" if fault["type"] == "missing" else f" (given: {shortened(fault['input'])})"
    return f"{where}: {message}{given}{more}"


def _keys(location: tuple[int | str, ...]) -> list[str]:
    """The keys that lead to a fault in the file; pydantic adds which mechanism it took."""
    of_mechanism = location[:1] == ("player",) and len(location) > 1
    return [str(key) for key in (location[:1] + location[2:] if of_mechanism else location)]
