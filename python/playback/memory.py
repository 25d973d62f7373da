"""How much memory there is for the taking, and how much of it DuckDB may hold."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from playback.errors import PlaybackError

VARIABLE = "PLAYBACK_MEMORY_LIMIT"
"""Environment variable: what DuckDB may hold, whatever there is."""

_MOST = 8_000_000_000
"""What DuckDB may hold where there is plenty."""

_ASIDE = 300_000_000
"""For what Python itself still takes while DuckDB works."""

_SHARE = 0.7
"""Of the rest. DuckDB goes beyond its limit at times, by what its threads have in hand."""

_LEAST = 250_000_000
"""With less than this, the models of a small world already fail."""

_SIZE = re.compile(r"(\d{1,12}(?:\.\d+)?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}

_ROOT = Path("/")


def duckdb_limit(most: int | None = None, beside: int = 0) -> str | None:
    """What DuckDB may hold from now on, as it wants to be told. Beyond it, it spills to disk.

    That is what PLAYBACK_MEMORY_LIMIT says, or else a share of what is available, without the
    `beside` bytes that somebody else will take; never more than `most` bytes. None where nobody
    knows: DuckDB then has a limit of its own.

    Raises:
        PlaybackError: the variable is not a size, or too small a one.
    """
    limit, available = asked_bytes(), available_bytes()
    if limit is None and available is not None:
        limit = max(_LEAST, min(int(_SHARE * (available - beside - _ASIDE)), _MOST))
    sizes = [size for size in (limit, most) if size is not None]
    return f"{min(sizes) // 1_000_000}MB" if sizes else None


def asked_bytes() -> int | None:
    """The size that PLAYBACK_MEMORY_LIMIT asks for, or None.

    Raises:
        PlaybackError: it is not a size, or too small a one.
    """
    text = os.environ.get(VARIABLE, "")
    if not text:
        return None
    size = bytes_of(text)
    if size is None or size < _LEAST:
        raise PlaybackError(
            f"{VARIABLE}={text[:40]!r} is not a limit of memory: give a size like 2500MB or 8GB, "
            f"{_LEAST // 1_000_000}MB or more"
        )
    return size


def bytes_of(text: str) -> int | None:
    """Read a size such as 8GB, 900m or 1.5 GiB; None where it is not one."""
    match = _SIZE.fullmatch(text.strip())
    if not match:
        return None
    number, unit, binary = match.groups()
    return int(float(number) * (1024 if binary else 1000) ** _POWERS[unit.lower()])


def in_words(size: int) -> str:
    """A size for people: 139 GB, 1.5 GB, 900 MB, 0.4 MB."""
    value, unit = (size / 1e9, "GB") if size >= 1e9 else (size / 1e6, "MB")
    return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"


def require(needed: int, what: str, advice: str) -> None:
    """Refuse what does not fit, before any of it is taken.

    Args:
        needed: in bytes.
        what: needs them.
        advice: what to do instead.

    Raises:
        PlaybackError: less memory is available.
    """
    available = available_bytes()
    if available is not None and needed > available:
        raise PlaybackError(
            f"{what} takes {in_words(needed)} of memory, and {in_words(available)} are left: "
            f"{advice}"
        )


def available_bytes() -> int | None:
    """What this process can still take, or None where nothing says so.

    That is the least of what the machine can give, what every control group around the process
    leaves it, and what the limits of the process itself do.
    """
    rooms = (*_of_machine(), *_of_groups(), *_of_process())
    return max(0, min(rooms)) if rooms else None


def _of_machine() -> Iterator[int]:
    for line in _lines("proc/meminfo"):
        if line.startswith("MemAvailable:"):
            yield int(line.split()[1]) * 1024


def _of_groups() -> Iterator[int]:
    """The room in the process's own control group and in all those around it, of both versions."""
    paths: dict[str, str] = {}
    for line in _lines("proc/self/cgroup"):
        _, controllers, path = line.split(":", 2)
        if not controllers or "memory" in controllers.split(","):
            paths["cgroup" if controllers else "cgroup2"] = path
    for line in _lines("proc/self/mountinfo"):
        mounted, _, kind = line.partition(" - ")
        version, *_, options = kind.split()
        if version in paths and (version == "cgroup2" or "memory" in options.split(",")):
            root, place = mounted.split()[3:5]
            top = _ROOT / _unescaped(place).lstrip("/")
            group = Path(paths[version])
            inner = group.relative_to(root) if group.is_relative_to(root) else Path()
            for folder in (top / inner, *(top / parent for parent in inner.parents)):
                yield from _of_group(folder, version)


def _of_group(folder: Path, version: str) -> Iterator[int]:
    """What a group may still take: what it holds of files, the system takes back when asked."""
    limits, used, prefix = {
        "cgroup2": (("memory.max", "memory.high"), "memory.current", ""),
        "cgroup": (("memory.limit_in_bytes",), "memory.usage_in_bytes", "total_"),
    }[version]
    try:
        holds = int((folder / used).read_text())
        counts = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
        files = sum(int(counts[f"{prefix}{state}_file"]) for state in ("inactive", "active"))
        for limit in limits:
            most = (folder / limit).read_text().strip()
            if most != "max":
                yield int(most) - holds + files
    except (OSError, KeyError):  # the group above all others has no such files
        return


def _of_process() -> Iterator[int]:
    if sys.platform != "linux":
        return
    import resource

    for line in _lines("proc/self/statm"):
        pages = [int(count) for count in line.split()]
        for kind, taken in ((resource.RLIMIT_AS, pages[0]), (resource.RLIMIT_DATA, pages[5])):
            most, _ = resource.getrlimit(kind)
            if most != resource.RLIM_INFINITY:
                yield most - taken * resource.getpagesize()


def _lines(path: str) -> list[str]:
    try:
        return (_ROOT / path).read_text().splitlines()
    except OSError:
        return []


def _unescaped(text: str) -> str:
    """A path of mountinfo, where a space is the code 040 behind a backslash."""
    return re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), text)
