"""The page of a listener's year, and the marts beneath it against sums over the plays."""

import dataclasses
import json
import re
import shutil
import warnings
from collections import Counter
from dataclasses import dataclass
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from rich.cells import cell_len
from rich.console import Console
from scipy.stats import spearmanr

from browser import Browser, faults
from conftest import Settings, run_tool
from playback.console import printable
from playback.errors import PlaybackError
from playback.warehouse import Warehouse
from playback.wrapped import cards, read_year, render, share, web
from playback.wrapped.lettering import NOT_DRAWN
from playback.wrapped.page import BARS, LINE, WIDTH, bars, line
from playback.wrapped.phrases import standing
from playback.wrapped.story import tell
from playback.wrapped.year import Ranked, Year, eligible_years

YEAR = 2024

LOCAL_PLAYS = """
    select
        user_key, track_key, artist_key, listening_ms, is_skip, user_id,
        listening_ms > 30000 or listening_ms >= 0.8 * duration_ms as is_listen,
        started_at + to_minutes(utc_offset_minutes) as local_started_at
    from fct_plays
    inner join dim_users using (user_key)
    asof inner join raw.timezone_periods
        on
            dim_users.timezone = timezone_periods.timezone
            and fct_plays.started_at >= timezone_periods.starts_at
"""
"""Every play on its listener's clock."""


@dataclass(frozen=True)
class Listener:
    user_key: int
    user_id: str
    username: str


@pytest.fixture(scope="module")
def listener(world: Settings) -> Listener:
    """The eligible one who listened longest. The connection is closed again: see `Warehouse`."""
    with duckdb.connect(str(world.database), read_only=True) as connection:
        (row,) = connection.execute(
            "select user_key, user_id, username "
            "from wrapped_listeners inner join dim_users using (user_key) "
            "where is_eligible and wrapped_year = ? order by listening_ms desc limit 1",
            [YEAR],
        ).fetchall()
    return Listener(*row)


def test_figures_are_sums_over_plays_of_the_local_year(database):
    expected = f"""
        select
            user_key,
            year(local_started_at) as wrapped_year,
            count(*) as play_count,
            count(*) filter (is_listen) as listen_count,
            count(*) filter (is_skip) as skip_count,
            sum(listening_ms)::bigint as listening_ms,
            count(distinct track_key) filter (is_listen) as track_count,
            count(distinct artist_key) filter (is_listen) as artist_count,
            count(distinct local_started_at::date) filter (is_listen)
                as listen_day_count
        from ({LOCAL_PLAYS})
        group by all
        having count(*) filter (is_listen) > 0
    """
    actual = """
        select user_key, wrapped_year, play_count, listen_count, skip_count, listening_ms,
            track_count, artist_count, listen_day_count
        from wrapped_listeners
    """
    differences = f"(({expected}) except ({actual})) union all (({actual}) except ({expected}))"
    assert database.execute(f"select * from ({differences})").fetchall() == []
    years = database.execute("select distinct wrapped_year from wrapped_listeners").fetchall()
    assert len(years) == 2, "somebody is in the old year while it is the new one in UTC"


def test_top_tracks_and_days_agree_with_the_plays(database, listener: Listener):
    local_year = f"select * from ({LOCAL_PLAYS}) where user_id = ? and year(local_started_at) = ?"
    top = database.execute(
        "select track_key, listen_count from wrapped_top_tracks "
        "where user_key = ? and wrapped_year = ? order by track_rank",
        [listener.user_key, YEAR],
    ).fetchall()
    assert (
        top
        == database.execute(
            "select track_key, count(*) filter (is_listen) as listens "
            f"from ({local_year}) group by track_key having listens > 0 "
            "order by listens desc, sum(listening_ms) desc, track_key limit 100",
            [listener.user_id, YEAR],
        ).fetchall()
    )
    days = [
        day
        for (day,) in database.execute(
            f"select distinct local_started_at::date as day from ({local_year}) "
            "where is_listen order by day",
            [listener.user_id, YEAR],
        ).fetchall()
    ]
    assert (
        longest_run(days)
        == database.execute(
            "select streak_day_count, streak_starts_on from wrapped_listeners "
            "where user_key = ? and wrapped_year = ?",
            [listener.user_key, YEAR],
        ).fetchone()
    )


def longest_run(days: list[date]) -> tuple[int, date]:
    """The length and first day of the longest run of days in a row, the first of equals."""
    runs: list[list[date]] = []
    for day in days:
        if runs and (day - runs[-1][-1]).days == 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    longest = max(runs, key=len)
    return len(longest), longest[0]


def test_every_eligible_listener_has_a_personality_and_nobody_else(database):
    assert (
        database.execute(
            "select user_key, wrapped_year from wrapped_listeners where is_eligible order by all"
        ).fetchall()
        == database.execute(
            "select user_key, wrapped_year from wrapped_personalities order by all"
        ).fetchall()
    )


def test_sides_are_even_and_do_not_follow_activity(database):
    rows = database.execute(
        """
        select familiarity_score, newness_score, loyalty_score, commonality_score, play_count
        from wrapped_personalities inner join wrapped_listeners using (user_key, wrapped_year)
        where wrapped_year = ? order by user_key
        """,
        [YEAR],
    ).fetchall()
    *scores, plays = zip(*rows, strict=True)
    assert len(plays) > 30
    for column in scores:
        assert abs(sum(score >= 0.5 for score in column) - len(column) / 2) <= 1
        assert abs(spearmanr(column, plays).statistic) < 0.3


def test_confusion_counts_every_personality_in_every_dimension(database):
    totals = database.execute(
        "select dimension, sum(listener_count) from wrapped_personality_confusion "
        "where wrapped_year = ? group by dimension",
        [YEAR],
    ).fetchall()
    ((listeners,),) = database.execute(
        "select count(*) from wrapped_personalities where wrapped_year = ?", [YEAR]
    ).fetchall()
    assert dict(totals) == dict.fromkeys(
        ("familiarity", "newness", "loyalty", "commonality", "all"), listeners
    )


def test_only_the_confusion_reads_the_truth():
    models = Path(__file__).parents[2] / "models"
    readers = {
        path.stem
        for path in models.rglob("*wrapped*/*.sql")
        if "user_traits" in path.read_text() or "genre_preferences" in path.read_text()
    }
    assert readers == {"wrapped_personality_confusion"}


@pytest.fixture(scope="module")
def year(world: Settings, listener: Listener) -> Year:
    with Warehouse(world.database) as warehouse:
        return read_year(warehouse, listener.user_id)


def printed(year: Year, width: int) -> list[str]:
    """The lines of the page on a terminal so wide."""
    console = Console(width=width, no_color=True)
    with console.capture() as captured:
        console.print(render(year))
    return captured.get().splitlines()


@pytest.mark.parametrize("width", [120, 80, 79, 60, 56, 55, 40])
def test_page_is_whole_at_every_width(year: Year, width: int):
    assert year.year == YEAR
    lines = printed(year, width)
    assert {cell_len(line) for line in lines} == {min(width, WIDTH)}
    page = " ".join(" ".join(line.strip("┃ ") for line in lines).split())
    assert width >= WIDTH or "…" not in page
    for told in (
        f"WRAPPED {YEAR}",
        f"{year.figures['minutes']:,} minutes",
        f"{year.username} ({year.user_id})",
        *(f"{artist.listens:,} listens" for artist in year.artists),
        *(genre.name for genre in year.genres),
        *(f"{genre.listens:,} listens" for genre in year.genres),
        f"You are {year.personality.name}",
        f"{year.personality.code[3]} more",
        "most listens from",
    ):
        assert told in page
    if width < WIDTH:
        for name in (*year.artists, *year.tracks):
            assert name.name in page


def test_names_cannot_steer_the_terminal(year: Year):
    hostile = "\x1b[2J\x1b]0;title\x07\x9b31m\u202egnihton\u2066\ud800\nnext"
    tops = [dataclasses.replace(row, name=hostile, by=hostile) for row in year.tracks]
    lines = printed(
        dataclasses.replace(
            year,
            username=hostile,
            first_track=hostile,
            first_artist=hostile,
            streak_artist=hostile,
            tracks=tops,
            artists=[dataclasses.replace(row, name=hostile) for row in year.artists],
            genres=tops,
            phases=[dataclasses.replace(row, genre=hostile, artist=hostile) for row in year.phases],
        ),
        60,
    )
    assert {cell_len(line) for line in lines} == {60}
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202e\u2066\ud800]", "".join(lines))
    assert r"\x1b[2J" in "".join(lines)


def test_bars_of_genres_are_as_long_as_their_listens(year: Year):
    genres = [Ranked(f"genre {listens}", "", listens, 7) for listens in (800, 400, 200, 100, 1)]
    for width in (60, 80):
        drawn = [
            line.count("█")
            for line in printed(dataclasses.replace(year, genres=genres), width)
            if " genre " in line
        ]
        assert drawn[0] >= 16
        assert drawn == [drawn[0] * genre.listens // 800 for genre in genres]


def test_a_username_names_the_same_listener(world: Settings, listener: Listener):
    with Warehouse(world.database) as warehouse:
        assert read_year(warehouse, listener.username) == read_year(warehouse, listener.user_id)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["U9999"], "U0001 to U0060"),
        (["' or true --"], "no listener"),
        (["U0001", "--year", "1999"], "no listens in 1999: there are some in"),
        (["U0001", "--year", "soon"], "--year"),
        ([], "name one listener"),
        (["U0001", "--all", "--html", "pages"], "name one listener"),
        (["--all"], "--html DIR"),
        (["--all", "--html", "pages", "--json"], "are for one listener"),
        (["U0001", "--story"], "--png DIR"),
        (["U0001", "--name", "Ada"], "--html FILE or --png DIR"),
        (["U0001", "--html", "no/such/folder.html"], "does not exist"),
    ],
)
def test_a_mistake_is_one_line(arguments: list[str], told: str, world: Settings):
    outcome = run_tool("playback", "wrapped", *arguments, database=world.database)
    assert outcome.returncode == 2
    assert told in outcome.stderr
    assert outcome.stdout == ""
    assert len(outcome.stderr.strip().splitlines()) == 1


def test_without_data_it_says_what_to_run_first(tmp_path: Path):
    outcome = run_tool("playback", "wrapped", "U0001", database=tmp_path / "none.duckdb")
    assert outcome.returncode == 2
    assert "playback run" in outcome.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_marts_it_says_what_to_build(tmp_path: Path):
    with (
        Warehouse(tmp_path / "new.duckdb") as warehouse,
        pytest.raises(PlaybackError, match="playback build"),
    ):
        read_year(warehouse, "U0001")


@pytest.fixture
def small_marts(tmp_path: Path):
    """A warehouse with one listener, 7 (UTC), and the years that a test gives them."""
    with Warehouse(tmp_path / "small.duckdb") as warehouse:
        warehouse.connection.execute(
            """
            create table dim_users as
            select 7 as user_key, 'U0007' as user_id, 'kim' as username, 'UTC' as timezone;
            create table wrapped_listeners (
                user_key integer, wrapped_year integer, listen_count bigint, track_count bigint,
                artist_count bigint, missing_track_count bigint, missing_artist_count bigint,
                is_eligible boolean
            );
            """
        )
        yield warehouse


def add_year(warehouse: Warehouse, year: int, listens: int, *, is_eligible: bool = False) -> None:
    warehouse.connection.execute(
        "insert into wrapped_listeners values (7, ?, ?, 29, 1, 1, 4, ?)",
        [year, listens, is_eligible],
    )


def add_days(warehouse: Warehouse, first: str, last: str, users: tuple[int, int] = (0, 9)) -> None:
    warehouse.connection.execute(
        "insert into raw.simulation_batches by name select ? as window_start, "
        "? as window_end, ? as first_user_key, ? as last_user_key",
        [first, last, *users],
    )


@pytest.mark.parametrize(
    ("first", "last", "chosen"),
    [
        ("2023-01-01", "2024-12-31", 2024),
        ("2023-01-01", "2024-12-30", 2023),
        ("2023-01-02", "2024-12-30", 2024),
    ],
)
def test_default_year_is_the_last_whole_one_or_the_one_with_most_listens(
    small_marts: Warehouse, first: str, last: str, chosen: int
):
    for year, listens in ((2022, 5), (2023, 100), (2024, 200), (2025, 1)):
        add_year(small_marts, year, listens, is_eligible=True)
    add_days(small_marts, first, last)
    assert eligible_years(small_marts) == [("U0007", chosen)]


@pytest.mark.parametrize(("own_last", "chosen"), [("2025-02-01", 2023), ("2023-12-30", 2024)])
def test_default_year_is_whole_by_the_listeners_own_days_and_has_enough(
    small_marts: Warehouse, own_last: str, chosen: int
):
    for year, listens, is_eligible in ((2023, 100, True), (2024, 300, chosen == 2024)):
        add_year(small_marts, year, listens, is_eligible=is_eligible)
    add_days(small_marts, "2020-01-01", "2025-12-31", (0, 6))
    add_days(small_marts, "2022-06-01", own_last, (7, 7))
    assert eligible_years(small_marts) == [("U0007", chosen)]


def test_default_year_without_any_that_has_enough_is_the_one_with_most_listens(
    small_marts: Warehouse,
):
    add_year(small_marts, 2023, 20)
    add_year(small_marts, 2024, 10)
    add_days(small_marts, "2023-01-01", "2024-12-31")
    with pytest.raises(PlaybackError, match="too little in 2023"):
        read_year(small_marts, "kim")


def test_too_little_listening_says_what_is_missing(small_marts: Warehouse):
    add_year(small_marts, 2024, 40)
    add_days(small_marts, "2024-01-01", "2024-02-01")
    with pytest.raises(PlaybackError) as told:
        read_year(small_marts, "U0007", 2024)
    assert "29 tracks and 1 artist, skips aside" in str(told.value)
    assert "1 track and 4 artists short" in str(told.value)


def test_a_listener_without_any_listen(small_marts: Warehouse):
    with pytest.raises(PlaybackError, match="not listened to anything"):
        read_year(small_marts, "U0007")


@given(st.lists(st.integers(min_value=0, max_value=1000), max_size=24))
def test_bars_show_zero_as_nothing_and_the_rest_as_something(values: list[int]):
    drawn = bars(values)
    assert len(drawn) == len(values)
    assert [bar == " " for bar in drawn] == [value == 0 for value in values]
    for bar, value in zip(drawn, values, strict=True):
        share = value / max(values) if value else 0
        assert BARS.index(bar) == 1 or abs(BARS.index(bar) / 8 - share) <= 1 / 16


@given(st.floats(min_value=0, max_value=1))
def test_line_has_one_place_on_the_side_of_the_score(score: float):
    drawn = line(score)
    assert len(drawn) == LINE
    place = drawn.index("●")
    assert drawn.count("●") == 1
    assert (place >= LINE // 2) if score >= 0.5 else (place <= LINE // 2)


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (0.0001, "top 1 %"), (0.01, "top 1 %"), (0.0101, "top 2 %"), (0.07, "top 7 %"),
        (0.5, "top 50 %"), (0.501, ""), (1.0, ""),
    ],
)  # fmt: skip
def test_a_place_is_told_from_the_top_up_to_the_middle(share: float, told: str):
    assert standing(share) == told


def test_beyond_the_middle_a_place_is_a_number(year: Year):
    figures = year.figures | {"top_share": 0.775, "listening_rank": 31, "listener_count": 40}
    artists = [dataclasses.replace(row, fan_share=0.78) for row in year.artists]
    page = "\n".join(printed(dataclasses.replace(year, figures=figures, artists=artists), 80))
    assert "no. 31 of 40 listeners" in page
    assert not re.search(r"\btop \d|\bfan,", page)


LITTLE_KNOWN = dict.fromkeys(
    (
        "minutes", "busiest_minutes", "listening_rank", "top_share", "skip_share",
        "fewer_skips_share", "listening_age", "listening_age_span_starts_year",
    )
)  # fmt: skip
"""What a history without listening times, genres and a date of birth does not tell."""


def little_known(year: Year) -> Year:
    return dataclasses.replace(
        year,
        figures=year.figures | LITTLE_KNOWN,
        artists=[dataclasses.replace(row, minutes=None, fan_share=None) for row in year.artists],
        genres=[],
        phases=[],
        personality=None,
    )


def named(year: Year, name: str) -> Year:
    """The year with one name for everything in it."""
    return dataclasses.replace(
        year,
        first_track=name,
        first_artist=name,
        streak_artist=name,
        tracks=[dataclasses.replace(row, name=name, by=name) for row in year.tracks],
        artists=[dataclasses.replace(row, name=name) for row in year.artists],
        genres=[dataclasses.replace(row, name=name) for row in year.genres],
        phases=[dataclasses.replace(row, genre=name, artist=name) for row in year.phases],
    )


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


def test_a_place_among_too_few_is_none(world: Settings, listener: Listener, tmp_path: Path):
    shutil.copyfile(world.database, tmp_path / "alone.duckdb")
    with Warehouse(tmp_path / "alone.duckdb") as warehouse:
        for mart in ("wrapped_listeners", "wrapped_personalities"):
            warehouse.connection.execute(
                f"delete from {mart} where user_key <> {listener.user_key}"
            )
        warehouse.connection.execute(
            "update wrapped_listeners set listening_rank = 1, listener_count = 1, "
            "listening_age_peer_count = 1"
        )
        warehouse.connection.execute("update wrapped_top_artists set fan_rank = 1, fan_count = 1")
        alone = read_year(warehouse, listener.user_id, YEAR)
    assert alone.personality is None
    assert {alone.figures[name] for name in LITTLE_KNOWN if "minutes" not in name} == {
        None, alone.figures["skip_share"],
    }  # fmt: skip
    assert {artist.fan_share for artist in alone.artists} == {None}


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
