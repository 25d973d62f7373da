"""Files move in whole or not at all, and nobody else's file is touched."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from playback.errors import PlaybackError
from playback.files import WrittenFile, is_ready, move_in, staged

FILE_EVENTS = ("open", "os.", "fcntl.", "tempfile.", "shutil.")


class Killed(BaseException):
    """As good as a kill, where a test has to go on after it."""


def write(folder: Path, files: dict[str, str], obsolete: tuple[str, ...] = ()) -> None:
    """Write files to a folder as a run does, in place of some that a former run wrote."""
    with staged(folder) as staging:
        for name, text in files.items():
            path = staging.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            staging.add(path)
        staging.retire(written(name, (folder / name).read_text()) for name in obsolete)


def written(name: str, text: str) -> WrittenFile:
    data = text.encode()
    return WrittenFile(file=name, bytes=len(data), sha256=hashlib.sha256(data).hexdigest())


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


def kill_amid_renames(
    monkeypatch: pytest.MonkeyPatch, moved: int, work: Callable[[], None]
) -> None:
    """Do work until so many files have moved in."""
    done = []
    replace = Path.replace

    def replace_until_killed(file: Path, target: Path) -> Path:
        if len(done) == moved:
            raise Killed
        done.append(target)
        return replace(file, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace_until_killed)
        with pytest.raises(Killed):
            work()


def test_files_move_in_with_their_folders(tmp_path: Path):
    folder = tmp_path / "new" / "exports"
    with staged(folder) as staging:
        (staging.folder / "part").mkdir()
        (staging.folder / "part" / "one.txt").write_text("1")
        staging.add(staging.folder / "part" / "one.txt")
        assert not (folder / "part").exists()
    assert contents(folder) == {"part/one.txt": "1"}
    assert [path.name for path in folder.iterdir()] == ["part"]


def test_what_was_not_added_does_not_move_in(tmp_path: Path):
    with staged(tmp_path) as staging:
        (staging.folder / "one.txt").write_text("1")
        (staging.folder / "tmp_one.txt").write_text("half")
        staging.add(staging.folder / "one.txt")
    assert contents(tmp_path) == {"one.txt": "1"}


def test_a_failure_leaves_everything_as_it_was(tmp_path: Path):
    (tmp_path / "one.txt").write_text("former")
    with pytest.raises(KeyboardInterrupt), staged(tmp_path) as staging:
        (staging.folder / "one.txt").write_text("half")
        raise KeyboardInterrupt
    assert contents(tmp_path) == {"one.txt": "former"}
    assert [path.name for path in tmp_path.iterdir()] == ["one.txt"]


def test_a_failure_leaves_no_folder_that_was_not_there(tmp_path: Path):
    with pytest.raises(KeyboardInterrupt), staged(tmp_path / "exports" / "csv") as staging:
        (staging.folder / "one.txt").write_text("half")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_an_equal_file_stays_untouched(tmp_path: Path):
    for name in ("same.txt", "other.txt"):
        (tmp_path / name).write_text("former")
    inodes = {path.name: path.stat().st_ino for path in tmp_path.iterdir()}
    write(tmp_path, {"same.txt": "former", "other.txt": "latter"})
    assert (tmp_path / "same.txt").stat().st_ino == inodes["same.txt"]
    assert (tmp_path / "other.txt").stat().st_ino != inodes["other.txt"]


@pytest.mark.parametrize("folder", ["a file", "a file/below", "loop", "dangling", 300 * "x"])
def test_a_folder_that_cannot_be_one_is_told_in_one_line(tmp_path: Path, folder: str):
    (tmp_path / "a file").write_text("mine")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("nowhere")
    former = sorted(tmp_path.iterdir())
    with pytest.raises(PlaybackError, match="cannot be written") as fault:
        write(tmp_path / folder, {"one.txt": "1"})
    assert "\n" not in str(fault.value)
    assert sorted(tmp_path.iterdir()) == former


def test_a_folder_may_be_a_link(tmp_path: Path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    write(tmp_path / "link", {"part/one.txt": "1"})
    assert contents(tmp_path / "real") == {"part/one.txt": "1"}
    assert (tmp_path / "link").is_symlink()


def test_obsolete_files_go_as_the_others_come(tmp_path: Path):
    (tmp_path / "exports" / "old").mkdir(parents=True)
    (tmp_path / "exports" / "old" / "one.txt").write_text("former")
    (tmp_path / "exports" / "changed.txt").write_text("mine now")
    (tmp_path / "outside.txt").write_text("not ours")
    with staged(tmp_path / "exports") as staging:
        (staging.folder / "two.txt").write_text("2")
        staging.add(staging.folder / "two.txt")
        staging.retire(
            [
                written("old/one.txt", "former"),
                written("changed.txt", "former"),
                written("../outside.txt", "not ours"),
                written("never.txt", ""),
            ]
        )
        assert (tmp_path / "exports" / "old" / "one.txt").exists()
    assert contents(tmp_path / "exports") == {"two.txt": "2", "changed.txt": "mine now"}
    assert not (tmp_path / "exports" / "old").exists()
    assert (tmp_path / "outside.txt").exists()


def make_link(path: Path) -> None:
    path.symlink_to("/etc/hostname")


def make_loop(path: Path) -> None:
    path.symlink_to(path.name)


def make_folder(path: Path) -> None:
    path.mkdir()
    (path / "mine.txt").write_text("mine")


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("b", Path.touch),
        ("b", make_link),
        ("b", make_loop),
        ("b", os.mkfifo),
        ("b.txt", make_folder),
        ("b.txt", make_link),
        ("b.txt", make_loop),
        ("b.txt", os.mkfifo),
    ],
)
def test_what_is_in_the_way_is_told_before_anything_moves(
    tmp_path: Path, name: str, make: Callable[[Path], None]
):
    (tmp_path / "a.txt").write_text("former")
    make(tmp_path / name)
    kind = (tmp_path / name).lstat().st_mode
    with pytest.raises(PlaybackError, match=f"{name} is in the way") as fault:
        write(tmp_path, {"a.txt": "latter", "b.txt": "latter", "b/c.txt": "latter"}, ("a.txt",))
    assert "\n" not in str(fault.value)
    assert (tmp_path / "a.txt").read_text() == "former"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", name]
    assert (tmp_path / name).lstat().st_mode == kind


def test_a_folder_on_another_device_is_told_before_anything_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """As good as a mount: a rename across devices would fail half-way."""
    (tmp_path / "other").mkdir()
    state = Path.stat

    def state_elsewhere(path: Path, **options: bool) -> os.stat_result:
        found = state(path, **options)
        if path.name != "other":
            return found
        return os.stat_result((*found[:2], found.st_dev + 1, *found[3:]))

    monkeypatch.setattr(Path, "stat", state_elsewhere)
    with pytest.raises(PlaybackError, match="other is in the way"):
        write(tmp_path, {"a.txt": "1", "other/b.txt": "2"})
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("make", ["file", "link", "folder", "foreign writer"])
def test_a_folder_of_somebody_else_under_our_name_is_left_alone(tmp_path: Path, make: str):
    own = tmp_path / ".playback"
    if make == "file":
        own.write_text("mine")
    elif make == "link":
        (tmp_path / "elsewhere").mkdir()
        own.symlink_to("elsewhere")
    else:
        (own / "run-1").mkdir(parents=True)
        (own / "run-1" / "mine.txt").write_text("mine")
        if make == "foreign writer":
            (own / "writer").write_text("Jane Austen")
    former = contents(tmp_path)
    with pytest.raises(PlaybackError, match=r"\.playback is in the way"):
        write(tmp_path, {"one.txt": "1"})
    assert contents(tmp_path) == former


def test_one_run_writes_at_a_time_and_the_second_says_which(tmp_path: Path):
    with staged(tmp_path / "exports") as staging:
        (staging.folder / "one.txt").write_text("1")
        staging.add(staging.folder / "one.txt")
        for _ in range(2):
            with pytest.raises(PlaybackError, match=rf"\(process {os.getpid()}\) is writing to"):
                write(tmp_path / "exports", {"two.txt": "2"})
    assert contents(tmp_path / "exports") == {"one.txt": "1"}
    write(tmp_path / "exports", {"two.txt": "2"})
    assert sorted(path.name for path in (tmp_path / "exports").iterdir()) == ["one.txt", "two.txt"]


def test_a_kill_lets_go_of_the_folder(tmp_path: Path):
    script = (
        "import os, signal, sys; from pathlib import Path; from playback.files import staged\n"
        "with staged(Path(sys.argv[1])) as staging:\n"
        "    (staging.folder / 'half.txt').write_text('half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert list(contents(tmp_path).values()).count("half") == 1
    write(tmp_path, {"one.txt": "1"})
    assert [path.name for path in tmp_path.iterdir()] == ["one.txt"]


@pytest.mark.parametrize("moved", [0, 1, 2])
def test_renames_that_were_cut_short_are_done_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moved: int
):
    (tmp_path / "a.txt").write_text("former")
    (tmp_path / "gone.txt").write_text("former")
    latter = dict.fromkeys(("a.txt", "b.txt", "c.txt"), "latter")
    kill_amid_renames(monkeypatch, moved, lambda: write(tmp_path, latter, ("gone.txt",)))
    assert is_ready(tmp_path)
    move_in(tmp_path)
    assert contents(tmp_path) == latter
    kill_amid_renames(monkeypatch, 0, lambda: write(tmp_path, {"c.txt": "later"}))
    write(tmp_path, {"d.txt": "later still"})
    assert contents(tmp_path) == latter | {"c.txt": "later", "d.txt": "later still"}


def test_what_a_killed_run_left_moves_in_by_its_journal_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    kill_amid_renames(monkeypatch, 0, lambda: write(tmp_path, {"a.txt": "1", "b.txt": "2"}))
    (run,) = (tmp_path / ".playback").glob("run-*")
    (run / "junk.txt").write_text("junk")
    move_in(tmp_path)
    assert contents(tmp_path) == {"a.txt": "1", "b.txt": "2"}


@pytest.mark.parametrize("spoiled", ["file", "journal"])
def test_what_a_killed_run_left_does_not_move_in_if_it_is_not_as_it_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoiled: str
):
    kill_amid_renames(monkeypatch, 0, lambda: write(tmp_path, {"a.txt": "1", "b.txt": "2"}))
    (run,) = (tmp_path / ".playback").glob("run-*")
    {"file": run / "b.txt", "journal": run.with_name("journal.json")}[spoiled].write_text("x")
    write(tmp_path, {"c.txt": "3"})
    assert contents(tmp_path) == {"c.txt": "3"}


def test_a_rename_that_fails_says_that_some_may_have_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(file: Path, target: Path) -> Path:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail)
        with pytest.raises(PlaybackError, match=r"Input/output error; .* some may have moved in"):
            write(tmp_path, {"a.txt": "1"})
    write(tmp_path, {"b.txt": "2"})
    assert contents(tmp_path) == {"a.txt": "1", "b.txt": "2"}


def is_killed_at(step: int, work: Callable[[], None]) -> bool:
    """Do work in a process that dies before its step of that number that touches a file."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
        return os.WIFSIGNALED(status)
    steps = count()

    def die(event: str, _: tuple) -> None:
        if event.startswith(FILE_EVENTS) and next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        sys.addaudithook(die)
        work()
        os._exit(0)
    finally:
        os._exit(1)


@pytest.mark.slow
def test_a_kill_at_any_step_leaves_all_of_a_run_or_nothing(tmp_path: Path):
    former = {"a.txt": "former", "old/b.txt": "former"}
    latter = {"a.txt": "latter", "new/b.txt": "latter"}
    outcomes = []
    for step in count():
        folder = tmp_path / str(step)
        write(folder, former)
        if not is_killed_at(step, partial(write, folder, latter, ("old/b.txt",))):
            break
        write(folder, {"c.txt": "later"})
        assert not (folder / ".playback").exists()
        outcomes.append(contents(folder))
        assert outcomes[-1] in (former | {"c.txt": "later"}, latter | {"c.txt": "later"})
    assert step > 20
    assert contents(folder) == latter
    found = [outcome["a.txt"] for outcome in outcomes]
    assert found == sorted(found)
    assert set(found) == {"former", "latter"}
