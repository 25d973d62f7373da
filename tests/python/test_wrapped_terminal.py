"""The page of a listener's year in a terminal."""

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from playback.wrapped.phrases import standing
from playback.wrapped.terminal import BARS, LINE, WIDTH, bars, line
from playback.wrapped.year import Ranked, Year
from years import YEAR, printed


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
