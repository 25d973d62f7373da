"""The memory that is there: of the machine, of control groups of both versions, of the process."""

import subprocess
import sys
from pathlib import Path

import pytest

from playback import memory
from playback.errors import PlaybackError

MB = 1_000_000
UNLIMITED = 9_223_372_036_854_771_712
MOUNTS = {
    "cgroup2": "30 23 0:26 {root} /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw",
    "cgroup": "31 23 0:27 {root} /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory",
}


class Machine:
    """A made-up /proc and /sys."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("proc/meminfo", f"MemTotal: 64000000 kB\nMemAvailable: {16_000 * MB // 1024} kB")

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")

    def is_in(self, version: str, path: str, root: str = "/") -> None:
        line = f"0::{path}" if version == "cgroup2" else f"3:cpu:/elsewhere\n4:memory:{path}"
        self.write("proc/self/cgroup", line)
        self.write("proc/self/mountinfo", MOUNTS[version].format(root=root))

    def group_of_2(self, path: str, most: str, used: int, files: int, high: str = "max") -> None:
        self.write(f"sys/fs/cgroup{path}/memory.max", most)
        self.write(f"sys/fs/cgroup{path}/memory.high", high)
        self.write(f"sys/fs/cgroup{path}/memory.current", str(used))
        self.write(f"sys/fs/cgroup{path}/memory.stat", f"inactive_file {files}\nactive_file 0")

    def group_of_1(self, path: str, most: int, used: int, files: int) -> None:
        folder = f"sys/fs/cgroup/memory{path}"
        self.write(f"{folder}/memory.limit_in_bytes", str(most))
        self.write(f"{folder}/memory.usage_in_bytes", str(used))
        self.write(
            f"{folder}/memory.stat",
            f"inactive_file 5\nactive_file 5\ntotal_inactive_file 0\ntotal_active_file {files}",
        )


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr(memory, "_ROOT", tmp_path)
    monkeypatch.delenv(memory.VARIABLE, raising=False)
    return Machine(tmp_path)


def test_without_groups_the_machine_decides(machine: Machine):
    assert memory.available_bytes() == pytest.approx(16_000 * MB, abs=1024)


def test_nothing_is_known_where_nothing_says_so(machine: Machine):
    (machine.root / "proc/meminfo").unlink()
    assert memory.available_bytes() is None
    assert memory.duckdb_limit() is None
    assert memory.duckdb_limit(500 * MB) == "500MB"


def test_a_group_of_version_2_gives_what_it_can_take_back(machine: Machine):
    machine.is_in("cgroup2", "/")
    machine.group_of_2("", str(4000 * MB), 1500 * MB, 500 * MB)
    assert memory.available_bytes() == 3000 * MB


def test_high_is_a_limit_too(machine: Machine):
    machine.is_in("cgroup2", "/user/work")
    machine.group_of_2("/user/work", "max", 500 * MB, 0, high=str(2000 * MB))
    assert memory.available_bytes() == 1500 * MB


def test_the_narrowest_of_nested_groups_decides(machine: Machine):
    machine.is_in("cgroup2", "/slice/of cake/job")
    machine.group_of_2("/slice/of cake/job", "max", 100 * MB, 0)
    machine.group_of_2("/slice/of cake", str(2000 * MB), 800 * MB, 0)
    machine.group_of_2("/slice", str(9000 * MB), 800 * MB, 0)
    assert memory.available_bytes() == 1200 * MB


def test_a_group_of_version_1_and_those_around_it(machine: Machine):
    machine.is_in("cgroup", "/docker/job")
    machine.group_of_1("/docker/job", UNLIMITED, 100 * MB, 0)
    machine.group_of_1("/docker", 3000 * MB, 1000 * MB, 400 * MB)
    assert memory.available_bytes() == 2400 * MB


@pytest.mark.parametrize("path", ["/docker/0123", "/../../0123"])
def test_a_container_sees_its_own_group_as_the_top(machine: Machine, path: str):
    """Without a namespace of its own it sees the path outside, where nothing is mounted."""
    machine.is_in("cgroup", path, root=path)
    machine.group_of_1("", 2500 * MB, 500 * MB, 0)
    assert memory.available_bytes() == 2000 * MB


@pytest.mark.parametrize(
    ("size", "told"),
    [
        (139_000_000_000, "139 GB"),
        (1_540_000_000, "1.5 GB"),
        (45_600_000, "46 MB"),
        (1_000_000, "1.0 MB"),
        (0, "0.0 MB"),
    ],
)
def test_a_size_is_told_in_digits_that_say_something(size: int, told: str):
    assert memory.in_words(size) == told


def test_a_group_that_is_full_leaves_nothing(machine: Machine):
    machine.is_in("cgroup2", "/")
    machine.group_of_2("", str(1000 * MB), 1200 * MB, 0)
    assert memory.available_bytes() == 0
    with pytest.raises(PlaybackError, match=r"the world takes 100 MB of memory, and 0\.0 MB"):
        memory.require(100 * MB, "the world", "make a smaller one")


def test_duckdb_gets_a_share_within_bounds(machine: Machine):
    assert memory.duckdb_limit() == "8000MB"
    machine.is_in("cgroup2", "/")
    limits = []
    for most in (500, 1000, 4000):
        machine.group_of_2("", str(most * MB), 0, 0)
        limits.append(int(memory.duckdb_limit().removesuffix("MB")))
    assert limits == sorted(limits)
    assert all(250 <= limit < most for limit, most in zip(limits, (500, 1000, 4000), strict=True))
    assert memory.duckdb_limit(300 * MB) == "300MB"
    assert int(memory.duckdb_limit(beside=2000 * MB).removesuffix("MB")) < limits[-1] - 1000


def test_the_variable_decides_instead(machine: Machine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(memory.VARIABLE, "1.5 GiB")
    assert memory.duckdb_limit() == "1610MB"
    assert memory.duckdb_limit(500 * MB) == "500MB"


@pytest.mark.parametrize(
    "text", ["lots", "inf", "nan", "-1GB", "0", "1e99GB", "8GBB", "100MB", " "]
)
def test_a_limit_that_is_none_is_refused(text: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(memory.VARIABLE, text)
    with pytest.raises(PlaybackError, match=r"PLAYBACK_MEMORY_LIMIT.*like 2500MB") as refusal:
        memory.duckdb_limit()
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "size"),
    [("8GB", 8_000_000_000), ("900m", 900_000_000), ("2gib", 2**31), ("12", 12), ("8 lots", None)],
)
def test_sizes_are_read(text: str, size: int | None):
    assert memory.bytes_of(text) == size


AVAILABLE = "from playback import memory; print(memory.available_bytes())"


@pytest.mark.skipif(sys.platform != "linux", reason="limits of a process are read on Linux")
@pytest.mark.parametrize("kind", ["v", "d"])
def test_the_limits_of_a_process_count(kind: str):
    outcome = subprocess.run(
        ["bash", "-c", f'ulimit -{kind} 1000000 && exec {sys.executable} -c "{AVAILABLE}"'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert 0 < int(outcome.stdout) < 1_024_000_000


def test_a_small_control_group_counts():
    """In a group of this machine's own, where one can be made."""
    group = Path("/sys/fs/cgroup/memory/playback-test")
    try:
        group.mkdir()
    except OSError as error:
        pytest.skip(f"no control group can be made here: {error.strerror}")
    try:
        (group / "memory.limit_in_bytes").write_text("500000000")
        outcome = subprocess.run(
            ["bash", "-c", f'echo $$ > {group}/cgroup.procs && {sys.executable} -c "{AVAILABLE}"'],
            capture_output=True,
            text=True,
            check=True,
        )
    finally:
        group.rmdir()
    assert 300_000_000 < int(outcome.stdout) < 500_000_000
