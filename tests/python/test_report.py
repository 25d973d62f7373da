"""`playback report`: one page that says what the marts say, and asks for nothing."""

import dataclasses
import re
import shutil
from collections import Counter
from datetime import UTC
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import matplotlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from browser import Browser, faults
from conftest import Settings, run_tool
from playback import look, pipeline, reporting, timezones
from playback.console import Console
from playback.reporting import charts, titles
from playback.reporting.answers import answers
from playback.reporting.figures import Figures, Finding, MostPlayed
from playback.reporting.page import AREAS
from playback.reporting.titles import in_words
from playback.warehouse import Warehouse

WIDTHS = ((390, "light"), (390, "dark"), (1280, "light"))


@pytest.fixture(scope="module")
def page(world: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pipeline.make_report(world.place, tmp_path_factory.mktemp("report"), Console())


@pytest.fixture(scope="module")
def figures(world: Settings) -> Figures:
    with Warehouse(world.database, must_exist=True) as warehouse:
        return reporting.read_figures(warehouse)


class Elements(HTMLParser):
    """The elements of a page: (tag, attributes) in order, and the text outside of `style`."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.found and self.found[-1][0] != "style":
            self.texts.append(data.strip())


def test_the_page_has_every_chapter_and_chart(page: Path, figures: Figures):
    elements = Elements(page.read_text())
    sections = [given["id"] for tag, given in elements.found if tag == "section"]
    assert sections == ["year", "rhythm", "taste", "real", "appendix"]
    parts = [given["id"] for tag, given in elements.found if given.get("class") == "part"]
    assert parts == [
        "activity", "personalities", "catalogue", "listeners", "curves", "graph", "quality",
    ]  # fmt: skip
    assert not [given for tag, given in elements.found if tag == "details" and "open" in given]
    shown = {text for text in elements.texts if text}
    for statistic in figures.realism:
        assert in_words(statistic.name) in shown or statistic.kind == "activity"
    for name, count in figures.totals.items():
        assert {name, f"{count:,}"} <= shown
    charted = {row.name for row in figures.realism if row.kind in ("listener", "curve")}
    assert sum(tag == "svg" for tag, _ in elements.found) == 15 + len(charted)
    assert sum(tag == "li" for tag, _ in elements.found) == (
        3 + len(figures.totals) + len(figures.quality) - len(AREAS) - 1
        + sum(row.kind in ("population", "trait") for row in figures.realism)
    )  # fmt: skip


def test_every_statistic_has_a_title(figures: Figures):
    kinds = {"listener", "curve", "trait"}
    names = {row.name for row in figures.realism if row.kind in kinds}
    assert names
    assert names <= titles._TITLES.keys()


def verdicts(quality: list[Finding], **changes: str) -> list[Finding]:
    """The results, those of a name (area in front of it) with another verdict."""
    return [
        row._replace(verdict=changes.get(f"{row.area}_{row.name}", row.verdict)) for row in quality
    ]


def test_the_answers_say_yes_or_no_with_the_reason(figures: Figures):
    what, sound, lifelike = answers(figures)
    assert f"{figures.totals['listeners']:,} listeners" in what.reason
    assert "simulated from seed 7" in what.reason
    structural = [row for row in figures.quality if row.area == "structural"][1:]
    judged = [row for row in structural if row.verdict in ("pass", "warn", "fail")]
    assert sound.word == "Yes"
    assert f"All {len(judged)} checks" in sound.reason
    assert lifelike.word in ("Very", "In part")
    realism = [row for row in figures.quality if row.area == "realism" and row.name != "summary"]
    passing = sum(row.verdict == "pass" for row in realism)
    failing = sum(row.verdict == "fail" for row in realism)
    assert f"{passing} of {passing + failing} comparisons" in lifelike.reason

    for changes, word, reason in (
        ({"structural_event_ids_unique": "fail"}, "No", "Plays that repeat an event id"),
        ({"structural_event_ids_unique": "warn"}, "With care", "Plays that repeat an event id"),
        ({"logical_track_diversity": "fail"}, "Whole, but odd", "Track diversity is"),
    ):
        changed = dataclasses.replace(figures, quality=verdicts(figures.quality, **changes))
        _, sound, _ = answers(changed)
        assert sound.word == word
        assert reason in sound.reason

    nothing = [row._replace(verdict="not judged") for row in figures.quality]
    words = [
        told.word
        for told in answers(
            dataclasses.replace(figures, quality=nothing, seed=None, real=["Anna", "Ben"])
        )
    ]
    assert words == ["Real listening histories", "Not known", "Not known"]


@pytest.mark.parametrize(
    ("seed", "names", "word", "told"),
    [
        (None, ["Anna"], "A real listening history", ": Anna."),
        (None, list("ABCDEFG"), "Real listening histories", ": A, B, C, D, E and 2 more."),
        (7, ["Anna"], "A made-up world with real company", "Real is Anna; the others"),
        (7, ["Anna", "Ben"], "A made-up world with real company", "Real are Anna and Ben;"),
    ],
)
def test_real_listeners_are_told_from_simulated_ones(
    figures: Figures, seed: int | None, names: list[str], word: str, told: str
):
    what, *_ = answers(dataclasses.replace(figures, seed=seed, real=names))
    assert what.word == word
    assert told in what.reason
    assert ("nobody's private life" in what.reason) == (not names)


def test_one_listener_is_held_against_most_real_ones(figures: Figures):
    rows = [row for row in figures.realism if row.reference_p10 is not None][:3]
    values = (rows[0].reference_p10, rows[1].reference_p90, rows[2].reference_p90 + 1)
    alone = [
        row._replace(verdict="one listener", simulated=value)
        for row, value in zip(rows, values, strict=True)
    ]
    for totals, word, reason in (
        (figures.totals | {"listeners": 1}, "Like most", "2 of 3 figures of this one listener"),
        (figures.totals, "In part", "comparisons with real listening"),
    ):
        *_, lifelike = answers(dataclasses.replace(figures, realism=alone, totals=totals))
        assert lifelike.word == word
        assert reason in lifelike.reason


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2) of a colour like #1c1917."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2.2) of two colours, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_text_can_be_told_from_its_ground():
    assert round(contrast("#000000", "#ffffff")) == 21
    for palette in (look.LIGHT, look.DARK):
        for text in ("ink", "quiet", "simulated", "outside", "good"):
            for ground in ("paper", "card"):
                assert contrast(palette[text], palette[ground]) >= 4.5, (text, ground)
    for ground, accent in look.GROUNDS:
        assert contrast("#ffffff", ground) >= 7
        assert contrast(accent, ground) >= 4.5


def test_figures_are_those_of_the_plays(figures: Figures, database: duckdb.DuckDBPyConnection):
    ((plays, skips, completes, listening_ms),) = database.execute(
        "select count(*), count_if(is_skip), count_if(is_complete), sum(listening_ms) "
        "from fct_plays"
    ).fetchall()
    assert figures.totals["plays"] == plays
    assert sum(day.plays for day in figures.days) == plays
    assert figures.track_plays.sum() == figures.artist_plays.sum() == plays
    months = figures.months
    assert sum(month.skip_share * month.plays for month in months) == pytest.approx(skips)
    assert sum(month.complete_share * month.plays for month in months) == pytest.approx(completes)
    assert figures.skip_share == pytest.approx(skips / plays)
    assert sum(month.listening_ms for month in months) == listening_ms
    assert sum(split.plays for split in figures.graph.splits) == plays
    ((pairs,),) = database.execute(
        "select count(*) from (select distinct user_key, track_key from fct_plays)"
    ).fetchall()
    for counted in (figures.graph.songs_a_listener, figures.graph.listeners_a_song):
        assert sum(degree * nodes for degree, nodes in counted) == pairs
    ((top,),) = database.execute(
        "select track_name from fct_plays join dim_tracks using (track_key) "
        "group by track_key, track_name order by count(*) desc, track_key limit 1"
    ).fetchall()
    assert figures.top_tracks[0].name == top


def test_the_clock_is_the_listeners_own(figures: Figures, database: duckdb.DuckDBPyConnection):
    sessions = database.execute(
        "select started_at, timezone from fct_listening_sessions join dim_users using (user_key)"
    ).fetchall()
    week = np.zeros((7, 24), np.int64)
    for started_at, timezone in sessions:
        local = started_at.replace(tzinfo=UTC).astimezone(timezones.zone(timezone))
        week[local.weekday(), local.hour] += 1
    np.testing.assert_array_equal(figures.week, week)
    listens = database.execute(
        "select local_hour, count(*) from fct_plays where not is_skip group by local_hour"
    ).fetchall()
    assert figures.clock == [dict(listens).get(hour, 0) for hour in range(24)]


def test_the_same_world_makes_the_same_bytes_whatever_the_settings(page: Path, world: Settings):
    before = page.read_bytes()
    page.unlink()
    with matplotlib.rc_context({"font.size": 30, "svg.fonttype": "path", "axes.grid": False}):
        assert pipeline.make_report(world.place, page.parent, Console()).read_bytes() == before
    assert [path.name for path in page.parent.iterdir() if path.name.startswith(".")] == []


def test_nothing_is_asked_for_and_every_reference_is_met(page: Path):
    text = page.read_text()
    elements = Elements(text)
    assert not {tag for tag, _ in elements.found} & {"script", "iframe", "img", "object", "embed"}
    ids = Counter(given["id"] for _, given in elements.found if "id" in given)
    assert set(ids.values()) == {1}
    addresses = [
        given[name]
        for _, given in elements.found
        for name in ("src", "href", "xlink:href", "srcset", "data", "action")
        if name in given
    ]
    addresses += re.findall(r"url\(([^)]*)\)", text)
    assert addresses
    for address in addresses:
        assert address == "data:," or address.removeprefix("#") in ids
    assert "@import" not in text


def test_charts_have_no_colour_of_their_own(page: Path):
    drawn = "".join(re.findall(r"<svg.*?</svg>", page.read_text(), flags=re.DOTALL))
    assert "var(--simulated)" in drawn
    assert not re.search(r"#[0-9a-fA-F]{6}\b|rgb\(", drawn)


def test_names_are_text_and_nothing_else(figures: Figures):
    hostile = "<script>\"&' $x^2$"
    there = [MostPlayed(hostile, hostile, 3), MostPlayed("夜に駆ける\nYoasobi", "", 2)]
    lists = dataclasses.replace(figures, top_artists=there, top_tracks=there, version=hostile)
    elements = Elements(reporting.render(lists))
    assert "script" not in {tag for tag, _ in elements.found}
    assert elements.texts.count(hostile) == 2
    assert elements.texts.count("夜に駆ける Yoasobi") == 2


def test_what_a_history_does_not_tell_is_left_out(page: Path, figures: Figures):
    """Scrobbles have no listening time, and no genres unless a catalogue knows them."""
    silent = dataclasses.replace(
        figures,
        top_genres=[],
        skip_share=None,
        months=[
            month._replace(listening_ms=0, skip_share=None, complete_share=None)
            for month in figures.months
        ],
    )
    whole, text = page.read_text(), reporting.render(silent)
    for absent in ("How plays end", "By the primary genre", "of them skipped"):
        assert absent in whole
        assert absent not in text


def test_a_world_without_wrappeds_says_so(page: Path, figures: Figures):
    bare = dataclasses.replace(
        figures, personalities=[], personality_year=None, year=None, clock=24 * [0]
    )
    whole, text = page.read_text(), reporting.render(bare)
    for absent in ("One listener's year", "Who they are", "playback wrapped"):
        assert absent in whole
        assert absent not in text


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (
            "drop table wrapped_personalities",
            "main.wrapped_personalities, which",
        ),
        ("delete from edge_list", "main.edge_list has 0 rows"),
        (
            "delete from raw.stage_runs; drop table wrapped_personalities",
            "no wrapped_personalities to report on",
        ),
        (
            "delete from raw.stage_runs; drop table graph_users; drop table graph_songs",
            "no graph_songs and 1 more",
        ),
        (
            "delete from raw.stage_runs; delete from agg_user_track_months",
            "no plays in its marts",
        ),
    ],
)
def test_what_is_missing_is_one_line_and_nothing_is_written(
    change: str, complaint: str, world: Settings, tmp_path: Path
):
    shutil.copyfile(world.database, tmp_path / "world.duckdb")
    with duckdb.connect(str(tmp_path / "world.duckdb")) as connection:
        connection.execute(change)
    outcome = run_tool(
        *("playback", "report", "--exports", str(tmp_path / "exports")),
        database=tmp_path / "world.duckdb",
    )
    assert outcome.returncode == 2
    assert complaint in outcome.stderr
    assert "playback build" in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert not (tmp_path / "exports").exists()


@given(st.integers(1, 2_000_000))
def test_a_thinned_curve_keeps_its_ends(count: int):
    ranks = charts._thinned(count)
    assert ranks[0] == 1
    assert ranks[-1] == count
    assert len(ranks) <= charts.POINTS
    assert (np.diff(ranks) > 0).all()


@pytest.mark.parametrize(("width", "scheme"), WIDTHS)
def test_the_page_is_sound_in_a_browser(chromium: Browser, page: Path, width: int, scheme: str):
    assert faults(chromium, page, width, scheme) == set()


def test_names_of_any_script_and_length_have_room(
    chromium: Browser, figures: Figures, tmp_path: Path
):
    long = "初恋 — とても長い題名の歌がここにあります" * 9
    names = (long, "שיר " * 19, "W" * 99, "i" * 99, "夜に駆ける")
    there = [MostPlayed(name, name, 3) for name in names]
    path = tmp_path / "report.html"
    path.write_text(
        reporting.render(dataclasses.replace(figures, top_artists=there, top_tracks=there))
    )
    assert faults(chromium, path, 390, "light") == set()


def test_on_a_phone_the_appendix_begins_within_eight_screens(chromium: Browser, page: Path):
    chromium.show(page, 390, 844)
    begins = chromium.evaluate("document.querySelector('#appendix').offsetTop")
    assert 844 < begins <= 8 * 844


def test_the_page_follows_the_colours_of_the_reader(chromium: Browser, page: Path):
    grounds = []
    for scheme in ("light", "dark"):
        chromium.show(page, 390, scheme=scheme)
        grounds.append(chromium.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert grounds[0] != grounds[1]


@pytest.mark.parametrize(
    ("fault", "content"),
    [
        ("complains", "<script>console.error('!')</script>"),
        ("complains", "<script>throw Error('!')</script>"),
        ("asks", "<img src='http://localhost:9/picture.png'>"),
        ("scrolls sideways", "<p style='width: 500px'>wide"),
        ("is too small to read", "<svg viewBox='0 0 4000 9'><text y='5'>.</text></svg>"),
        ("is cut off", "<svg viewBox='0 0 99 9' width='99'><text x='95'>long</text></svg>"),
    ],
)
def test_a_fault_would_be_found(chromium: Browser, tmp_path: Path, fault: str, content: str):
    head = "<!doctype html><meta name='viewport' content='width=device-width'>"
    page = tmp_path / "page.html"
    page.write_text(head + content)
    assert fault in faults(chromium, page, 390, "light")
