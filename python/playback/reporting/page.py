"""Lays the figures of a world out as one HTML page: charts, lists, and words about them."""

from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from markupsafe import Markup

from playback import look
from playback.reporting import charts
from playback.reporting.answers import answers, expected, told, told_range
from playback.reporting.figures import Figures, Finding, MostPlayed, Statistic
from playback.reporting.svg import width_em
from playback.reporting.titles import in_words
from playback.wrapped import phrases
from playback.wrapped.year import Year

AREAS = ("structural", "logical", "realism")
SHOWN = ("repeat_share", "hour_of_day_share", "session_continue_share")
"""Statistics that the first part shows where fewer lie outside."""
LABEL_EM = 15.0
"""Room for a name beside its bar, in the height of the text."""
SIGNS = {"pass": "✓", "inside": "✓", "warn": "!", "fail": "✕", "outside": "✕"}
"""Verdicts are told by sign and word, not by colour alone; any other is a dot."""


class Panel(NamedTuple):
    """A chart with its title, a line about it, and whether something in it lies outside.

    `formula` is how it is counted, for those who ask.
    """

    title: str
    about: str
    svg: Markup
    formula: str = ""
    is_outside: bool = False


class Line(NamedTuple):
    """A line of a list of results, all of it told as text."""

    name: str
    about: str
    value: str
    expectation: str
    verdict: str


class Lines(NamedTuple):
    """A list of results."""

    title: str
    rows: list[Line]


@dataclass(frozen=True)
class Section:
    """A chapter of the page."""

    name: str
    title: str
    about: str
    cards: list[Panel] = field(default_factory=list)
    lists: list[Lines] = field(default_factory=list)


def render(figures: Figures) -> str:
    """The whole page; the same figures make the same text."""
    foremost = _foremost(figures)
    return look.fill(
        "playback.reporting",
        "page.html",
        figures=figures,
        answers=answers(figures),
        signs=SIGNS,
        year=figures.year,
        moments=_story(figures.year) if figures.year else [],
        sections=[_rhythm(figures), _taste(figures), _real(figures, foremost)],
        appendix=[
            _activity(figures),
            *([_who(figures)] if figures.personalities else []),
            _catalogue(figures),
            _listeners(figures, foremost),
            _curves(figures, foremost),
            _graph(figures),
            _quality(figures),
        ],
    )


def _card(title: str, about: str, svg: str) -> Panel:
    return Panel(title, about, Markup(svg))  # noqa: S704  drawn here, its text escaped


def _story(year: Year) -> list[tuple[str, str]]:
    """A listener's year in its moments."""
    moments = phrases.moments(year)
    if any(year.clock):
        moments.append(("Their day", phrases.most_listens_from(year.clock)))
    if year.personality:
        told = ", ".join(side.told for side in phrases.sides(year.personality))
        moments.append((year.personality.name, told))
    return moments


def _rhythm(figures: Figures) -> Section:
    cards = [
        _card(
            "Plays a day",
            "Each day (UTC), and the mean of the week.",
            charts.plays_by_day(figures.days),
        )
    ]
    if any(figures.clock):
        peak = max(range(24), key=figures.clock.__getitem__)
        about = f"Listens (over 30 seconds, or complete) around the clock; most from {peak:02}:00."
        cards.append(_card("The day", about, charts.clock(figures.clock)))
    about = "Sessions begun by weekday and hour, the stronger the more."
    cards.append(_card("The week", about, charts.week(figures.week)))
    return Section(
        "rhythm", "When they listen", "Hours are those of each listener's own clock.", cards
    )


def _taste(figures: Figures) -> Section:
    artists = figures.artist_plays
    return Section(
        "taste",
        "What they play",
        f"The ten most played artists have {artists[:10].sum() / artists.sum():.0%} of all plays.",
        [
            _card(
                "Concentration",
                "Share of all plays that the most played have.",
                charts.concentration(figures.track_plays, artists),
            ),
            _ranked("Artists", "Most played.", figures.top_artists),
            *(
                [_ranked("Genres", "By the primary genre of the track.", figures.top_genres)]
                if figures.top_genres
                else []
            ),
        ],
    )


def _real(figures: Figures, names: list[str]) -> Section:
    charted = dict(_charted(figures))
    return Section(
        "real",
        "Beside real listening",
        "The green is real listening, the violet this world; orange lies outside. What is furthest "
        "off comes first; the other statistics are below, with the rule.",
        [_statistic(name, charted[name]) for name in names],
    )


def _foremost(figures: Figures) -> list[str]:
    """The statistics furthest from real listening, or else some that everybody understands."""
    charted = dict(_charted(figures))
    failing = (
        row.name for row in figures.quality if (row.area, row.verdict) == ("realism", "fail")
    )
    names = dict.fromkeys((*failing, *SHOWN))
    return [name for name in names if name in charted][: len(SHOWN)]


def _charted(figures: Figures, *kinds: str) -> list[tuple[str, list[Statistic]]]:
    """The rows of each statistic of these kinds together (of both that have charts, unless told).

    They come in the order of their names.
    """
    rows = (row for row in figures.realism if row.kind in (kinds or ("listener", "curve")))
    return [(name, list(of_name)) for name, of_name in groupby(rows, lambda row: row.name)]


def _statistic(name: str, rows: list[Statistic]) -> Panel:
    is_curve = rows[0].kind == "curve"
    return Panel(
        in_words(name),
        "",
        Markup((charts.curve if is_curve else charts.listener_statistic)(rows)),  # noqa: S704
        f"{rows[0].definition} ({name}). {rows[0].source}.",
        any(row.verdict == "outside" for row in rows),
    )


def _activity(figures: Figures) -> Section:
    days, months = figures.days, figures.months
    plays = figures.totals["plays"]
    told = "" if figures.skip_share is None else f", {figures.skip_share:.1%} of them skipped"
    ends = [
        _card(
            "How plays end",
            "Complete: at least 80 % of the track. Skipped: under 30 seconds and not complete.",
            charts.shares_by_month(months),
        )
    ]
    return Section(
        "activity",
        "Activity over time",
        f"{len(days):,} days, {plays / len(days):,.0f} plays a day{told}. Days and months are "
        "UTC; a session counts for the day on which it begins.",
        [
            _card(
                "Active listeners a day",
                f"Of {figures.totals['listeners']:,}.",
                charts.listeners_by_day(days),
            ),
            *(ends if figures.skip_share is not None else []),
        ],
    )


def _who(figures: Figures) -> Section:
    listeners = sum(count for _, _, count in figures.personalities)
    return Section(
        "personalities",
        "Who they are",
        f"What {listeners:,} listeners' behaviour in {figures.personality_year} says of them, "
        "each beside the others: familiar or exploring, new or timeless, loyal or varied, "
        "common or unique.",
        [
            _card(
                "Personalities", "Share of listeners.", charts.personalities(figures.personalities)
            )
        ],
    )


def _catalogue(figures: Figures) -> Section:
    tracks, artists = figures.track_plays, figures.artist_plays
    never = figures.totals["tracks"] - len(tracks)
    return Section(
        "catalogue",
        "The catalogue and its tail",
        f"{len(tracks):,} of {figures.totals['tracks']:,} tracks were played"
        + (f", {never:,} never were." if never else "."),
        [
            _card(
                "Rank and plays",
                "Both axes logarithmic: a straight line is a power law.",
                charts.tail(tracks, artists),
            ),
            _ranked("Tracks", "Most played.", figures.top_tracks),
        ],
    )


def _ranked(title: str, about: str, rows: list[MostPlayed]) -> Panel:
    labels = [_cut(row.name) for row in rows]
    svg = charts.ranked_bars(f"top {title}", f"{title}: {about}", labels, [r.plays for r in rows])
    return _card(title, about, svg)


def _cut(name: str) -> str:
    """What there is room for of a name."""
    name = " ".join(name.split())
    if width_em(name) <= LABEL_EM:
        return name
    end = next(at for at in range(len(name)) if width_em(name[: at + 1]) > LABEL_EM - 1)
    return f"{name[:end].rstrip()}…"


def _listeners(figures: Figures, shown: list[str]) -> Section:
    return Section(
        "listeners",
        "Listeners beside real ones",
        "Each row is one window of days, of listeners as active as the real ones. The green band "
        "is where real listeners lie: wide from the 25th to the 75th percentile, narrow from the "
        "10th to the 90th. The dot is the median of the listeners here, its line their 10th to "
        "90th percentile. A statistic is inside if the line covers at least half of the narrow "
        "band and the dot lies in the wide one with its whole 95 % confidence interval. It is "
        "outside if the line covers less, or if that interval lies beyond the wide band. Where the "
        "interval spans an edge of it, the statistic is undecided and not counted.",
        [
            _statistic(name, rows)
            for name, rows in _charted(figures, "listener")
            if name not in shown
        ],
    )


def _curves(figures: Figures, shown: list[str]) -> Section:
    lists = [
        Lines(title, [_figure(row) for row in figures.realism if row.kind == kind])
        for kind, title in (
            ("population", "Published figures"),
            ("trait", "Personalities and tastes in the plays"),
        )
    ]
    return Section(
        "curves",
        "All plays beside real ones",
        "Curves over all plays of the listeners above. A point is inside if it lies in the "
        "tolerated range, which is shaded; a point outside is marked. Then figures that others "
        "have published of whole populations, inside if in the range given, and how personalities "
        "and tastes show.",
        [_statistic(name, rows) for name, rows in _charted(figures, "curve") if name not in shown],
        [listed for listed in lists if listed.rows],
    )


def _figure(row: Statistic) -> Line:
    expectation = told(row.reference)
    if row.reference_low is not None:
        accepted = told_range(row.reference_low, row.reference_high)
        expectation = accepted if row.reference_high is None else f"{expectation} ({accepted})"
    return Line(
        in_words(row.name),
        f"{row.definition}. {row.source}",
        told(row.simulated),
        expectation,
        row.verdict,
    )


def _graph(figures: Figures) -> Section:
    graph = figures.graph
    listeners, songs = graph.nodes["graph_users"], graph.nodes["graph_songs"]
    pairs = graph.edges["graph_listens"]
    nodes, edges = (
        [(in_words(mart.removeprefix("graph_")), count) for mart, count in counts.items()]
        for counts in (graph.nodes, graph.edges)
    )
    parts = "; ".join(
        f"{part.name} {part.first_on} to {part.last_on}, {part.plays:,} plays on "
        f"{part.edges:,} edges"
        for part in graph.splits
    )
    cards = [
        _card(
            "Nodes and edges",
            "Nodes of each type; then edges of each type, one way.",
            charts.ranked_bars("nodes", "Nodes by type", *map(list, zip(*nodes, strict=True)))
            + charts.ranked_bars("edges", "Edges by type", *map(list, zip(*edges, strict=True))),
        )
    ]
    if pairs:
        cards.append(
            _card(
                "Degrees",
                "Of listens edges; both axes logarithmic.",
                charts.degrees(graph),
            )
        )
    if graph.splits:
        cards.append(_card("Time split", f"{parts}.", charts.splits(graph.splits)))
    return Section(
        "graph",
        "The graph",
        f"{pairs:,} edges lead from {listeners:,} listeners to {songs:,} songs, "
        f"{pairs / (listeners * songs):.1%} of all pairs.",
        cards,
    )


def _quality(figures: Figures) -> Section:
    results = [row for row in figures.quality if row.area != "all" and row.name != "summary"]
    failing = [row for row in results if row.verdict == "fail"]
    lists = [Lines(f"What fails ({len(failing)})", _results(failing))] if failing else []
    for area in AREAS:
        rest = [row for row in results if row.area == area and row.verdict != "fail"]
        if rest:
            lists.append(
                Lines(f"{area.capitalize()}, what does not fail ({len(rest)})", _results(rest))
            )
    return Section(
        "quality",
        "Every check",
        "Structural: is it sound? Logical: is it plausible? Realism: is it lifelike? "
        "The rows of the mart quality_report.",
        lists=lists,
    )


def _results(results: list[Finding]) -> list[Line]:
    return [
        Line(_whole_name(row), row.description, told(row.value), expected(row), row.verdict)
        for row in results
    ]


def _whole_name(row: Finding) -> str:
    parts = [in_words(row.name)]
    if row.segment != "all":
        parts.append(row.segment)
    if row.window_days is not None:
        parts.append(f"{row.window_days} days")
    if row.point is not None:
        parts.append(f"at {told(row.point)}")
    return ", ".join(parts)
