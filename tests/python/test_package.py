"""A wheel is all that a user needs: installed anywhere, it does the main job in an empty folder."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import duckdb
import pytest

from playback.settings import PROJECT_ROOT

pytestmark = pytest.mark.slow

WORLD = ("--users", "20", "--songs", "100", "--artists", "20", "--until", "2024-01-05")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel in it, which borrows the libraries of this one."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    offline = ("--no-deps", "--no-build-isolation")
    subprocess.run(
        [*pip, "wheel", *offline, "--wheel-dir", str(folder), str(PROJECT_ROOT)], check=True
    )
    venv.create(folder / "venv")
    scheme = {"base": str(folder / "venv"), "platbase": str(folder / "venv")}
    packages = Path(sysconfig.get_path("purelib", "venv", scheme))
    (wheel,) = folder.glob("*.whl")
    subprocess.run(
        [*pip, "--python", str(folder / "venv"), "install", *offline, str(wheel)], check=True
    )
    (packages / "borrowed.pth").write_text(f"{folder / 'libraries'}\n")
    (folder / "libraries").mkdir()
    for library in Path(sysconfig.get_path("purelib")).iterdir():
        (folder / "libraries" / library.name).symlink_to(library)
    return folder / "venv"


def files_in(site: Path) -> set[Path]:
    return {path for path in site.rglob("*") if "__pycache__" not in path.parts}


def run(site: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "VIRTUAL_ENV")
    }
    return subprocess.run(
        [str(site / "bin" / "playback"), *arguments],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_wheel_does_the_main_job_in_an_empty_folder(site: Path, tmp_path: Path):
    """First without PyTorch, then with it: the graph alone is left out, then made."""
    before = files_in(site)
    torch, away = site.parent / "libraries" / "torch", site.parent / "torch"
    torch.rename(away)
    refused = run(site, tmp_path, "graph")
    needs = "graph.pt needs torch, which is not installed: install Playback with its extra `graph`"
    assert (refused.returncode, refused.stderr) == (2, f"playback: {needs}\n")
    assert not any(tmp_path.iterdir())

    without = run(site, tmp_path, "run", *WORLD)
    assert without.returncode == 0, without.stdout + without.stderr
    assert f"left out: {needs}" in without.stderr
    with duckdb.connect(str(tmp_path / "playback.duckdb"), read_only=True) as connection:
        ((plays, in_mart),) = connection.sql(
            "select (select count(*) from raw.user_events), (select count(*) from fct_plays)"
        ).fetchall()
    assert plays == in_mart > 0
    assert (tmp_path / "exports" / "fct_plays").is_dir()

    away.rename(torch)
    complete = run(site, tmp_path, "run", *WORLD)
    assert complete.returncode == 0, complete.stdout + complete.stderr
    assert (tmp_path / "exports" / "graph.pt").is_file()
    assert files_in(site) == before, "it writes beside the database, not into its own package"
