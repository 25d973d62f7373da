"""Where a world lies, and what opens it, builds its models and plays it there."""

import os
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from playback import memory, player, spark_session, transform
from playback.lake import Lake
from playback.player import PlaySummary
from playback.progress import Progress
from playback.settings import PlaySettings
from playback.transform import Build
from playback.warehouse import Warehouse

_DBT_BYTES = 450_000_000
"""Memory that a build takes at the least: dbt and the models of a small world."""


@dataclass(frozen=True)
class Place(ABC):
    """A database file or a lake, with what it takes to work on it.

    Attributes:
        path: the file or the folder.
        threads: how many work on it.
    """

    path: Path
    threads: int = field(default_factory=lambda: os.cpu_count() or 1)

    @property
    def parquet(self) -> Path | None:
        """The folder of the marts where they are Parquet already: those need no export."""
        return None

    @abstractmethod
    def open(
        self,
        *,
        must_exist: bool = False,
        threads: int | None = None,
        memory_limit: int | None = None,
    ) -> Warehouse:
        """Open the world to write, on all threads unless told otherwise.

        Raises:
            PlaybackError: as `Warehouse` and `Lake` do.
            NoDataYet: it must exist and does not.
        """

    @abstractmethod
    def read(self, *, threads: int | None = None, memory_limit: int | None = None) -> Warehouse:
        """Open the world for what writes nothing.

        Raises:
            PlaybackError: as `Warehouse` and `Lake` do.
            NoDataYet: there is none.
        """

    @abstractmethod
    def require_engine(self) -> None:
        """Refuse at once where what plays and transforms cannot run.

        Raises:
            PlaybackError: it is not installed, or takes more memory than there is.
        """

    @abstractmethod
    def build(self, what: Build, progress: Progress) -> list[str]:
        """Build dbt models in the world, which is closed, and name them.

        Raises:
            PlaybackError: the engine cannot run, or another process has the world open.
            StageFailed: a model could not be built or a data test found bad rows.
        """

    @abstractmethod
    def play(self, warehouse: Warehouse, settings: PlaySettings, progress: Progress) -> PlaySummary:
        """Play the days that have not been played yet, in the world that `warehouse` has open.

        Raises:
            PlaybackError: the engine cannot run, there is nobody or nothing to play, or the plays
                that stand were made from something else.
            StageFailed: a task failed.
        """


@dataclass(frozen=True)
class DatabaseFile(Place):
    """A world in a DuckDB file: any number of readers, or one process that writes."""

    def open(
        self,
        *,
        must_exist: bool = False,
        threads: int | None = None,
        memory_limit: int | None = None,
    ) -> Warehouse:
        """Open the file, which is made unless it must exist."""
        return Warehouse(
            self.path,
            threads=threads or self.threads,
            memory_limit=memory_limit,
            must_exist=must_exist,
        )

    def read(self, *, threads: int | None = None, memory_limit: int | None = None) -> Warehouse:
        """Open the file read-only, beside any number of other readers."""
        return Warehouse(
            self.path,
            threads=threads or self.threads,
            memory_limit=memory_limit,
            read_only=True,
        )

    def require_engine(self) -> None:
        """DuckDB and dbt are always there."""

    def build(self, what: Build, progress: Progress) -> list[str]:
        """Build in this process."""
        memory.require(_DBT_BYTES, "dbt", "give the container more, or end other programs")
        with self.open(must_exist=True):
            pass  # dbt takes seconds to find that another process has the file open
        return transform.build(self.path, self.threads, what, progress)

    def play(self, warehouse: Warehouse, settings: PlaySettings, progress: Progress) -> PlaySummary:
        """Play in this process."""
        return player.play(warehouse, settings, progress)


@dataclass(frozen=True)
class LakeFolder(Place):
    """A world in a folder of Parquet files, which Spark builds and plays.

    It is always opened whole: while it is only read, no other process moves files in.

    Attributes:
        master: where Spark runs.
        spark_memory: Java memory of the driver and of each worker's executor, as 2g or 900m.
    """

    master: str = "local[*]"
    spark_memory: str = "2g"

    @property
    def parquet(self) -> Path:
        """Where Spark leaves the marts."""
        return self.path / "warehouse" / "main.db"

    def open(
        self,
        *,
        must_exist: bool = False,
        threads: int | None = None,
        memory_limit: int | None = None,
    ) -> Lake:
        """Open the folder, which is made unless it must exist."""
        return Lake(
            self.path,
            threads=threads or self.threads,
            memory_limit=memory_limit,
            must_exist=must_exist,
        )

    def read(self, *, threads: int | None = None, memory_limit: int | None = None) -> Lake:
        """Open the folder, which must exist."""
        return self.open(must_exist=True, threads=threads, memory_limit=memory_limit)

    def require_engine(self) -> None:
        """Look for PySpark, Java and their memory."""
        spark_session.require_spark()
        spark_session.require_memory(self.master, self.spark_memory)

    def build(self, what: Build, progress: Progress) -> list[str]:
        """Build on Spark."""
        self.require_engine()
        return transform.build_on_spark(self.path, self.master, self.spark_memory, what, progress)

    def play(self, warehouse: Warehouse, settings: PlaySettings, progress: Progress) -> PlaySummary:
        """Play on Spark, where there is something to play."""
        self.require_engine()
        open_session = partial(spark_session.session, self.master, self.spark_memory, self.path)
        return player.play_on_spark(warehouse, settings, open_session, progress)
