"""How much memory there is for the taking."""

from pathlib import Path

_GROUP = Path("/sys/fs/cgroup")
_SYSTEM = Path("/proc/meminfo")


def available_bytes() -> int | None:
    """What the machine and the container can still give, or None where neither says so."""
    known = [room for room in (_of_machine(), _of_container()) if room is not None]
    return min(known, default=None)


def _of_machine() -> int | None:
    try:
        lines = _SYSTEM.read_text().splitlines()
    except OSError:
        return None
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith("MemAvailable:"))
    return int(kilobytes) * 1024


def _of_container() -> int | None:
    try:
        most = (_GROUP / "memory.max").read_text()
        used = int((_GROUP / "memory.current").read_text())
        counts = dict(line.split() for line in (_GROUP / "memory.stat").read_text().splitlines())
    except OSError:
        return None
    if most.strip() == "max":
        return None
    return int(most) - used + int(counts["inactive_file"])
