"""A Wrapped to share: the page, the cards and the figures, naming nobody unless asked."""

import dataclasses
import json
import re
import warnings
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest
from PIL import Image

from browser import Browser, faults
from conftest import Settings, run_tool
from playback.console import printable
from playback.errors import PlaybackError
from playback.wrapped import cards, share, web
from playback.wrapped.lettering import NOT_DRAWN
from playback.wrapped.story import tell
from playback.wrapped.year import Year
from years import YEAR, Listener, little_known, named, printed


def test_a_card_without_data_is_left_out(year: Year):
    assert [card.name for card in tell(year)] == [
        "minutes", "artists", "tracks", "genres", "clock", "evolution", "personality", "streaks",
        "age", "summary",
    ]  # fmt: skip
    bare = little_known(year)
    told = tell(bare)
    assert [card.name for card in told] == [
        "listens", "artists", "tracks", "clock", "streaks", "summary",
    ]  # fmt: skip
    for words in (str(told), "\n".join(printed(bare, 80)), web.page(bare)):
        assert "None" not in words
        assert not re.search(r"minutes|\d min|[Ss]kipped|genre|[Pp]ersonality|top \d+ %", words)


class Texts(HTMLParser):
    """The elements of a page, and its text, `style` aside."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.elements and self.elements[-1][0] != "style":
            self.text += data


def test_the_page_asks_for_nothing_and_says_every_figure(year: Year):
    text = web.page(year)
    page = Texts(text)
    assert not {tag for tag, _ in page.elements} & {"script", "iframe", "img", "object", "embed"}
    assert [
        given.get("href") or given.get("src") for tag, given in page.elements if tag == "link"
    ] == ["data:,"]
    assert not re.search(r"https?:|url\(|@import", text)
    for told in (
        f"{year.figures['minutes']:,}",
        *(f"{artist.listens:,} listens" for artist in year.artists),
        *(name for row in (*year.artists, *year.tracks, *year.genres) for name in (row.name,)),
        year.personality.name,
        str(year.figures["listening_age"]),
    ):
        assert told in page.text


def test_page_and_cards_name_nobody_unless_asked(year: Year):
    secret = dataclasses.replace(year, username="secret.person", user_id="U7777777")
    for words in (web.page(secret), str(tell(secret)), share.as_json(secret)):
        assert "secret.person" not in words
    assert "U7777777" not in web.page(secret) + str(tell(secret))
    assert "Ada &lt;b&gt;" in web.page(secret, "Ada <b>")


@pytest.mark.parametrize(
    "name", ["<script>\"&' $x^2$", "夜に駆ける", "אבג abc", "\x1b[2J\u202e", "long " * 60]
)
def test_names_on_the_page_are_text_that_turns_nothing_around_it(year: Year, name: str):
    page = Texts(web.page(named(year, name), name))
    assert "script" not in {tag for tag, _ in page.elements}
    shown = printable(" ".join(name.split()))
    assert page.text.count(f"\u2068{shown}\u2069") >= 20
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", page.text)


def sizes(folder: Path) -> dict[str, tuple[int, int]]:
    """Width and height of each picture."""
    found = {}
    for path in sorted(folder.glob("*.png")):
        with Image.open(path) as picture:
            picture.load()
            found[path.name] = picture.size
    return found


def test_cards_have_the_sizes_that_apps_show(year: Year, tmp_path: Path):
    drawn = share.write_cards(year, tmp_path / "cards", "Ada", is_story=True)
    found = sizes(tmp_path / "cards")
    assert drawn == (20, [])
    slug = f"{year.user_id}-{YEAR}"
    assert found[f"{slug}-01-minutes.png"] == (1080, 1350)
    assert found[f"{slug}-10-summary-story.png"] == (1080, 1920)
    assert Counter(found.values()) == {(1080, 1350): 10, (1080, 1920): 10}
    for path in (tmp_path / "cards").glob("*.png"):
        with Image.open(path) as picture:
            assert picture.info.keys() <= {"dpi"}

    share.write_cards(little_known(year), tmp_path / "cards", None, is_story=False)
    assert [name.split("-")[3] for name in sizes(tmp_path / "cards")] == [
        "listens.png", "artists.png", "tracks.png", "clock.png", "streaks.png", "summary.png",
    ]  # fmt: skip


def test_what_no_font_has_is_told_and_no_box_is_drawn(year: Year, tmp_path: Path):
    unassigned = "\U000e5555\U000e5556"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name, shown in ((unassigned, NOT_DRAWN), ("Ärger אבג مرحبا", "Ärger אבג مرحبا")):
            lettering = cards.Lettering()
            assert lettering.drawn(name) == shown
            assert lettering.not_drawn == ([name] if shown != name else [])
            told = share.write_cards(named(year, name), tmp_path / shown, None, is_story=False)
            assert told.without_letters == lettering.not_drawn


def test_somebody_elses_files_are_left_alone(year: Year, tmp_path: Path):
    mine = tmp_path / "wrapped.html"
    mine.write_text("mine")
    with pytest.raises(PlaybackError, match=r"may be yours.*--html"):
        share.write_page(year, mine, None)
    card = tmp_path / f"{year.user_id}-{YEAR}-01-minutes.png"
    card.write_text("mine")
    with pytest.raises(PlaybackError, match=r"may be yours.*--png"):
        share.write_cards(year, tmp_path, None, is_story=False)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        mine.name: "mine",
        card.name: "mine",
    }


def test_every_listener_has_a_page_that_the_index_leads_to(world: Settings, tmp_path: Path):
    outcome = run_tool(
        *("playback", "wrapped", "--all", "--html", str(tmp_path / "pages")),
        database=world.database,
    )
    assert outcome.returncode == 0, outcome.stderr
    index = Texts((tmp_path / "pages" / "index.html").read_text())
    led_to = [given["href"] for tag, given in index.elements if tag == "a"]
    there = {path.name for path in (tmp_path / "pages").glob("*.html")}
    assert there == {"index.html", *led_to}
    with duckdb.connect(str(world.database), read_only=True) as connection:
        ((eligible,), (listeners,)) = connection.execute(
            "select count(distinct user_key) from wrapped_listeners where is_eligible "
            "union all select count(*) from dim_users"
        ).fetchall()
    assert len(led_to) == eligible
    assert f"{listeners - eligible} more" in index.text


def test_json_has_the_figures_of_the_page(world: Settings, listener: Listener, year: Year):
    outcome = run_tool("playback", "wrapped", listener.user_id, "--json", database=world.database)
    figures = json.loads(outcome.stdout)
    assert figures["figures"]["minutes"] == year.figures["minutes"]
    assert [row["name"] for row in figures["tracks"]] == [row.name for row in year.tracks]
    assert figures["personality"]["scores"] == year.personality.scores


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_is_sound_in_a_browser(chromium: Browser, year: Year, tmp_path: Path, width: int):
    path = tmp_path / "page.html"
    for shown in (year, named(year, "ABC אבג " + "long" * 60), little_known(year)):
        path.write_text(web.page(shown, "Ada"))
        assert faults(chromium, path, width, "light") == set()
        lists = "[...document.querySelectorAll('.lists bdi')]"
        aligned = f"{lists}.map(name => getComputedStyle(name).textAlign)"
        assert {*chromium.evaluate(aligned)} <= {"left"}, "a name is far from its number"
