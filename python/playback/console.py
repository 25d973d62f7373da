"""What the user sees: per stage a bar on a terminal, or a plain line; then a summary."""

import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from rich.console import Console as RichConsole
from rich.console import RenderableType
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

_NAME_WIDTH = 18
_FILE_WIDTH = 120
"""Columns that a table may take where there is no terminal to fit, and COLUMNS does not say."""

_NUMBER = re.compile(r"[\d,]+")

_UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Control characters (C0, C1), line ends, what turns the direction of text or is not seen at all,
halves of characters. The joiners of emoji and of Arabic words are none of them."""


def printable(text: str) -> str:
    r"""Text that a terminal only shows: what would steer it, or hide, is written out as \x1b."""
    return _UNPRINTABLE.sub(lambda found: ascii(found[0])[1:-1], text)


def is_closed_pipe(error: BaseException | None) -> bool:
    """Whether the reader of the output has gone, as `head` does; libraries exit because of it."""
    while error is not None and not isinstance(error, BrokenPipeError):
        error = error.__context__
    return error is not None


def end_output() -> str:
    """Write out what is left of the output; say in one line why that cannot be done, if so."""
    try:
        sys.stdout.flush()
    except OSError as error:
        with suppress(OSError):  # Python flushes once more as it ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            return f"the output cannot be written: {error.strerror}"
    return ""


class Console:
    """Follows the stages of a run. Progress goes to standard error, results to standard output."""

    def __init__(self) -> None:
        self._err = RichConsole(stderr=True, highlight=False, emoji=False)
        self._out = RichConsole(highlight=False, emoji=False)
        columns = os.environ.get("COLUMNS", "")
        if not self._out.is_terminal and not (columns.isdigit() and int(columns)):
            self._out.width = max(self._out.width, _FILE_WIDTH)

    @contextmanager
    def stage(self, name: str) -> Iterator["StageProgress"]:
        """Follow one stage; its closing line says how much it did and how fast."""
        began = time.monotonic()
        if self._err.is_terminal:
            bar = Progress(
                TextColumn("{task.description:<" + str(_NAME_WIDTH) + "}"),
                BarColumn(),
                TaskProgressColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                console=self._err,
                transient=True,
            )
            with bar:
                follower = StageProgress(bar, bar.add_task(name, total=None, rate=""))
                yield follower
        else:
            follower = StageProgress()
            yield follower
        self._say(name, follower.told(time.monotonic() - began))

    def unchanged(self, name: str) -> None:
        """Say that a stage had nothing to do."""
        self._say(name, "unchanged")

    def skipped(self, name: str, reason: str) -> None:
        """Say that a stage was left out, and why."""
        self._say(name, f"left out: {reason}")

    def summary(self, title: str, rows: list[tuple[str, str]]) -> None:
        """Print the closing table."""
        table = Table(title=title, title_justify="left", show_header=False, title_style="bold")
        table.add_column(style="bold")
        table.add_column(overflow="fold")
        for row in rows:
            table.add_row(*_cells(row))
        self._out.print(table)

    def table(
        self, title: str, header: tuple[str, ...], rows: list[tuple[str, ...]], below: str = ""
    ) -> None:
        """Print a table whose rows have one cell per column of the header, and a text below it.

        On a narrow screen words go on in the next line, and numbers stay whole.
        """
        table = Table(title=title, title_justify="left", title_style="bold")
        for name, cells in zip(
            header, zip(*rows, strict=True) if rows else [()] * len(header), strict=True
        ):
            are_numbers = all(map(_NUMBER.fullmatch, cells))
            table.add_column(
                name,
                overflow="fold",
                no_wrap=are_numbers,
                justify="right" if are_numbers else "left",
            )
        for row in rows:
            table.add_row(*_cells(row))
        self._out.print(table)
        if below:
            self._out.print(below, markup=False)

    def page(self, page: RenderableType) -> None:
        """Print a page that is laid out already."""
        self._out.print(page)

    def data(self, text: str) -> None:
        """Print text for another program, as it is."""
        self._out.out(text, highlight=False)

    def note(self, message: str) -> None:
        """Say on standard error what the user should know, and that is no fault."""
        self._err.print(f"note: {printable(message)}", markup=False, soft_wrap=True)

    def error(self, message: str) -> None:
        """Print one fault; it may have several lines."""
        shown = "\n".join(map(printable, message.split("\n")))
        self._err.print(f"playback: {shown}", markup=False, style="red", soft_wrap=True)

    def _say(self, name: str, what: str) -> None:
        line = printable(f"{name:<{_NAME_WIDTH}} {what}")
        self._err.print(line, markup=False, soft_wrap=True)


def _cells(row: tuple[str, ...]) -> list[Text]:
    return [Text(printable(cell)) for cell in row]


class StageProgress:
    """Counts what a stage has done and, on a terminal, moves its bar."""

    def __init__(self, bar: Progress | None = None, task: TaskID | None = None) -> None:
        self._bar = bar
        self._task = task
        self._began = time.monotonic()
        self._done = 0
        self._unit = ""
        self._result = ""

    def begin(self, total: int, unit: str) -> None:
        """Announce `total` units of work; a second call starts a new count."""
        self._began, self._done, self._unit = time.monotonic(), 0, unit
        if self._bar is not None:
            self._bar.update(self._task, total=total, completed=0)

    def advance(self, done: int) -> None:
        """Add `done` finished units."""
        self._done += done
        if self._bar is not None:
            rate = self._done / max(time.monotonic() - self._began, 1e-3)
            self._bar.update(self._task, completed=self._done, rate=f"{rate:,.0f} {self._unit}/s")

    def conclude(self, result: str) -> None:
        """Say in the closing line what came of the stage, in place of what was counted."""
        self._result = result

    def told(self, seconds: float) -> str:
        """What was done, in one phrase."""
        if self._result:
            return f"{self._result} in {seconds:.1f} s"
        if not self._unit:
            return f"done in {seconds:.1f} s"
        return f"{self._done:,} {self._unit} in {seconds:.1f} s"
