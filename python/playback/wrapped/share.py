"""A Wrapped as files to share: a page, cards, or a page for every listener."""

import dataclasses
import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from playback.console import Console
from playback.errors import PlaybackError
from playback.paths import require_file_path, require_folder_path
from playback.products import single_file
from playback.warehouse import Warehouse
from playback.words import counted
from playback.wrapped import web
from playback.wrapped.terminal import render
from playback.wrapped.year import Year, eligible_years, read_year

MOST_PAGES = 2000
"""Listeners of a world that is small enough for a page each."""

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class WrappedRequest:
    """What is to be written, and for whom.

    Attributes:
        user: user id or username; None for every listener (`html` is a folder then).
        year: None for the one that `read_year` chooses.
        html: file of the page.
        png: folder of the cards.
        is_story: draw the cards tall as well.
        is_json: say the figures as JSON.
        name: who it is; nobody else is named.
    """

    user: str | None
    year: int | None = None
    html: Path | None = None
    png: Path | None = None
    is_story: bool = False
    is_json: bool = False
    name: str | None = None

    def check(self) -> None:
        """Refuse what does not fit together, before anything is read.

        Raises:
            PlaybackError: it does not.
        """
        if self.user is None:
            if self.html is None:
                raise PlaybackError("--all wants a folder for the pages: give --html DIR")
            if self.png or self.is_json or self.name:
                raise PlaybackError(
                    "--all writes pages alone: --png, --json and --name are for one listener"
                )
            require_folder_path("--html", self.html)
        elif self.html:
            require_file_path("--html", self.html)
        if self.png:
            require_folder_path("--png", self.png)
        elif self.is_story:
            raise PlaybackError("--story is a size of the cards: name their folder with --png DIR")
        if self.name is not None and not (self.html or self.png):
            raise PlaybackError(
                "--name is for the page and the cards: add --html FILE or --png DIR"
            )


def make(warehouse: Warehouse, request: WrappedRequest, console: Console) -> None:
    """Print the year, or write what is asked for in its place.

    Raises:
        PlaybackError: there is no such listener or year, too little in it, or a file cannot be
            written.
    """
    if request.user is None:
        with console.stage("wrapped pages") as progress:
            pages = write_all(warehouse, request.html, request.year)
            progress.conclude(f"{counted(pages, 'page')} and an index in {request.html}")
        return
    year = read_year(warehouse, request.user, request.year)
    if request.html:
        with console.stage("wrapped page") as progress:
            write_page(year, request.html, request.name)
            progress.conclude(f"{request.html}")
    if request.png:
        with console.stage("wrapped cards") as progress:
            drawn = write_cards(year, request.png, request.name, is_story=request.is_story)
            progress.conclude(f"{counted(drawn.files, 'picture')} in {request.png}")
        if drawn.without_letters:
            console.note(
                "no font of this machine has all the letters of "
                f"{', '.join(drawn.without_letters)}: the cards leave out what is missing, and say "
                "so where it is a whole name; install a font that has them (Noto, for example) and "
                "run the same command again, or share the page of --html"
            )
    if request.is_json:
        console.data(as_json(year))
    elif not (request.html or request.png):
        console.page(render(year))


def write_page(year: Year, path: Path, name: str | None) -> None:
    """Write the story of a year as one HTML file.

    Raises:
        PlaybackError: what stands there is not Playback's, or the file cannot be written.
    """
    with single_file.replaced(path, "", {}, "--html") as whole:
        whole.write_text(web.page(year, name), encoding="utf-8", newline="\n")


class Drawn(NamedTuple):
    """What was drawn: the number of files, and the names that no font of this machine can draw."""

    files: int
    without_letters: list[str]


def write_cards(year: Year, folder: Path, name: str | None, *, is_story: bool) -> Drawn:
    """Draw the cards of a year.

    Raises:
        PlaybackError: what stands there is not Playback's, or the files cannot be written.
    """
    from playback.wrapped import cards

    formats = (cards.POST, cards.STORY) if is_story else (cards.POST,)
    with single_file.replaced_set(folder, _slug(year), "--png") as whole:
        without_letters = cards.draw(year, whole, _slug(year), formats, name)
        return Drawn(len(list(whole.iterdir())), without_letters)


def write_all(warehouse: Warehouse, folder: Path, year: int | None) -> int:
    """Write a page for every listener who has a Wrapped, and an index; return how many.

    Raises:
        PlaybackError: there are none or too many, or as `write_page` does.
    """
    listeners = warehouse.count("dim_users")
    if listeners > MOST_PAGES:
        raise PlaybackError(
            f"--all is for worlds of at most {MOST_PAGES:,} listeners, and there are "
            f"{listeners:,}: name one of them"
        )
    entries = []
    with single_file.replaced_set(folder, "index", "--html") as whole:
        for user_id, its_year in eligible_years(warehouse, year):
            of_listener = read_year(warehouse, user_id, its_year)
            file = f"{_slug(of_listener)}.html"
            text = web.page(of_listener, user_id)
            (whole / file).write_text(text, encoding="utf-8", newline="\n")
            entries.append(web.Entry(file, of_listener))
        text = web.index(entries, listeners - len(entries))
        (whole / "index.html").write_text(text, encoding="utf-8", newline="\n")
    return len(entries)


def as_json(year: Year) -> str:
    """The figures of a year; what is not known is null."""
    figures = dataclasses.asdict(year)
    del figures["username"]
    return json.dumps(figures, indent=2, default=_told)


def _told(moment: date) -> str:
    return moment.isoformat()


def _slug(year: Year) -> str:
    """What the names of a listener's files begin with."""
    plain = _PLAIN_NAME.fullmatch(year.user_id)
    return f"{year.user_id if plain else year.figures['user_key']}-{year.year}"
