"""A wheel holds every file that the package reads."""

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from playback.settings import PROJECT_ROOT


def test_a_wheel_holds_every_file_of_the_package(tmp_path: Path):
    pytest.importorskip("setuptools", reason="setuptools is not installed")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(PROJECT_ROOT / name, tmp_path / name)
    shutil.copytree(
        PROJECT_ROOT / "python",
        tmp_path / "python",
        ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"),
    )
    package = {
        file.relative_to(tmp_path / "python").as_posix()
        for file in (tmp_path / "python").rglob("*")
        if file.is_file()
    }
    built = subprocess.run(
        [sys.executable, "-c", "from setuptools.build_meta import build_wheel; build_wheel('.')"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if name.startswith("playback/")}
    assert held == package
    assert "playback/products/schemas/users.avsc" in held
