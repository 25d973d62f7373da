"""What dbt has parsed is kept for the next database."""

from pathlib import Path

import pytest

from playback import parsed_project


@pytest.fixture
def artifacts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    folder = tmp_path / "world.duckdb.dbt"
    folder.mkdir()
    return folder


def read_from(options: list[str]) -> str | None:
    if "--partial-parse-file-path" not in options:
        return None
    return Path(options[options.index("--partial-parse-file-path") + 1]).read_text()


def test_it_is_read_by_whoever_asks_for_the_same(artifacts: Path, tmp_path: Path):
    assert read_from(parsed_project.options(artifacts, "world.duckdb")) is None
    for text in ("first", "second"):
        (artifacts / "partial_parse.msgpack").write_text(text)
        parsed_project.keep(artifacts, "world.duckdb")
        assert read_from(parsed_project.options(tmp_path / "other", "world.duckdb")) == text
    assert read_from(parsed_project.options(artifacts, "other.duckdb")) is None
    assert len(list((tmp_path / "caches" / "playback").iterdir())) == 1


def test_without_a_place_for_it_each_database_has_its_own(
    artifacts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    (artifacts / "partial_parse.msgpack").write_text("parsed")
    parsed_project.keep(artifacts, "world.duckdb")
    assert read_from(parsed_project.options(artifacts, "world.duckdb")) is None


def test_nothing_is_kept_of_a_run_that_did_not_parse(artifacts: Path):
    parsed_project.keep(artifacts, "world.duckdb")
    assert read_from(parsed_project.options(artifacts, "world.duckdb")) is None
