"""Files move in whole or not at all."""

from pathlib import Path

import pytest

from playback.errors import PlaybackError
from playback.files import mark_obsolete, staged


def test_files_move_in_with_their_folders(tmp_path: Path):
    with staged(tmp_path / "new" / "exports") as staging:
        (staging / "part").mkdir()
        (staging / "part" / "one.txt").write_text("1")
        assert not (tmp_path / "new" / "exports" / "part").exists()
    assert (tmp_path / "new" / "exports" / "part" / "one.txt").read_text() == "1"
    assert [path.name for path in (tmp_path / "new" / "exports").iterdir()] == ["part"]


def test_a_failure_leaves_everything_as_it_was(tmp_path: Path):
    (tmp_path / "one.txt").write_text("former")
    with pytest.raises(KeyboardInterrupt), staged(tmp_path) as staging:
        (staging / "one.txt").write_text("half")
        raise KeyboardInterrupt
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"one.txt": "former"}


def test_a_failure_leaves_no_folder_that_was_not_there(tmp_path: Path):
    with pytest.raises(KeyboardInterrupt), staged(tmp_path / "exports" / "csv") as staging:
        (staging / "one.txt").write_text("half")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_cleared(tmp_path: Path):
    (tmp_path / ".partial" / "old").mkdir(parents=True)
    (tmp_path / ".partial" / "old" / "half.txt").write_text("half")
    with staged(tmp_path) as staging:
        (staging / "one.txt").write_text("1")
    assert [path.name for path in tmp_path.iterdir()] == ["one.txt"]


def test_an_equal_file_stays_untouched(tmp_path: Path):
    for name in ("same.txt", "other.txt"):
        (tmp_path / name).write_text("former")
    inodes = {path.name: path.stat().st_ino for path in tmp_path.iterdir()}
    with staged(tmp_path) as staging:
        (staging / "same.txt").write_text("former")
        (staging / "other.txt").write_text("latter")
    assert (tmp_path / "same.txt").stat().st_ino == inodes["same.txt"]
    assert (tmp_path / "other.txt").stat().st_ino != inodes["other.txt"]


def test_a_folder_that_is_a_file_is_told_in_one_line(tmp_path: Path):
    (tmp_path / "exports").write_text("a file")
    with (
        pytest.raises(PlaybackError, match="exports cannot be written") as fault,
        staged(tmp_path / "exports"),
    ):
        pass
    assert "\n" not in str(fault.value)


def test_obsolete_files_go_as_the_others_come(tmp_path: Path):
    (tmp_path / "exports" / "old").mkdir(parents=True)
    (tmp_path / "exports" / "old" / "one.txt").write_text("former")
    (tmp_path / "outside.txt").write_text("not ours")
    with staged(tmp_path / "exports") as staging:
        (staging / "two.txt").write_text("2")
        mark_obsolete(staging, ["old/one.txt", "../outside.txt", "never.txt"])
        assert (tmp_path / "exports" / "old" / "one.txt").exists()
    assert [path.name for path in (tmp_path / "exports").iterdir()] == ["two.txt"]
    assert (tmp_path / "outside.txt").exists()


@pytest.mark.parametrize("moved", [0, 1, 2])
def test_renames_that_were_cut_short_are_done_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moved: int
):
    class Killed(BaseException):
        pass

    (tmp_path / "a.txt").write_text("former")
    (tmp_path / "gone.txt").write_text("former")
    done = []
    replace = Path.replace

    def replace_until_killed(file: Path, target: Path) -> Path:
        if len(done) == moved:
            raise Killed
        done.append(target)
        return replace(file, target)

    monkeypatch.setattr(Path, "replace", replace_until_killed)
    with pytest.raises(Killed), staged(tmp_path) as staging:
        for name in ("a.txt", "b.txt", "c.txt"):
            (staging / name).write_text("latter")
        mark_obsolete(staging, ["gone.txt"])
    monkeypatch.undo()
    with staged(tmp_path) as staging:
        (staging / "d.txt").write_text("later still")
    files = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert files == dict.fromkeys(("a.txt", "b.txt", "c.txt"), "latter") | {"d.txt": "later still"}
