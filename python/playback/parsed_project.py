"""Keeps the dbt project as dbt has parsed it, for all worlds of a user.

To parse takes dbt some ten seconds, to read what it parsed before one. dbt itself compares what is
kept with the project's files, and parses anew what has changed.
"""

import filecmp
import os
import shutil
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from playback.settings import PROJECT_ROOT

_NAME = "partial_parse.msgpack"
"""What dbt calls the file in its target folder."""


def options(artifacts: Path, key: str) -> list[str]:
    """The options that let dbt read the kept project, and write what it reads to `artifacts`."""
    kept = _kept(key)
    read = ("--partial-parse-file-path", str(kept)) if kept and kept.exists() else ()
    return ["--target-path", str(artifacts), "--log-path", str(artifacts), *read]


def keep(artifacts: Path, key: str) -> None:
    """Keep what dbt has left in `artifacts`, if it is new."""
    parsed, kept = artifacts / _NAME, _kept(key)
    if kept is None or not parsed.exists():
        return
    with suppress(OSError):  # the next run parses it again
        if kept.exists() and filecmp.cmp(parsed, kept, shallow=False):
            return
        beside = kept.with_name(f"{kept.name}.{os.getpid()}")
        shutil.copyfile(parsed, beside)
        beside.replace(kept)


def _kept(key: str) -> Path | None:
    """Where a project that was parsed under `key` is kept; None where there is no place for it."""
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "playback"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # it is read-only, or nobody's home
        return None
    digest = sha256(f"{PROJECT_ROOT}\n{key}".encode()).hexdigest()[:16]
    return folder / f"project-{digest}.msgpack"
