"""Lays the figures of a world out as one HTML page: charts, lists, and words about them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from playback.reporting import charts
from playback.reporting.drawing import COLOURS
from playback.reporting.figures import Figures, Ranked, Result, Statistic

AREAS = ("structural", "logical", "realism")
SIGNS = {"pass": "✓", "inside": "✓", "warn": "!", "fail": "✕", "outside": "✕"}
"""Verdicts are told by sign and word, not by colour alone; any other is a dot."""


class Card(NamedTuple):
    """A chart with its title, a line about it, and whether something in it lies outside."""

    title: str
    about: str
    svg: Markup
    is_outside: bool = False


class Row(NamedTuple):
    """A line of a list of results, all of it told as text."""

    name: str
    about: str
    value: str
    expectation: str
    verdict: str


@dataclass(frozen=True)
class Rows:
    """A list of results; `is_open` shows it at once."""

    title: str
    rows: list[Row]
    is_open: bool = False


@dataclass(frozen=True)
class Section:
    """A chapter of the page."""

    name: str
    title: str
    about: str
    cards: list[Card] = field(default_factory=list)
    lists: list[Rows] = field(default_factory=list)


def render(figures: Figures) -> str:
    """The whole page; the same figures make the same text."""
    environment = Environment(
        loader=PackageLoader("playback.reporting", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    verdict, areas = _verdict(figures.quality)
    return environment.get_template("page.html").render(
        figures=figures,
        verdict=verdict,
        areas=areas,
        signs=SIGNS,
        colours=COLOURS,
        sections=[
            _activity(figures),
            _listening(figures),
            _catalogue(figures),
            _listeners(figures),
            _curves(figures),
            _graph(figures),
            _quality(figures),
        ],
    )


def told(value: float | None) -> str:
    """A number as text: whole ones with commas, others with four digits that count."""
    if value is None:
        return "-"
    if abs(value) >= 1000 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.4g}"


def in_words(name: str) -> str:
    """A name of the warehouse as a title: `skip_rate` as `Skip rate`."""
    return name.replace("_", " ").capitalize()


def _card(title: str, about: str, svg: str, is_outside: bool = False) -> Card:
    return Card(title, about, Markup(svg), is_outside)  # noqa: S704  drawn here, its text escaped


def _verdict(quality: list[Result]) -> tuple[Result, list[Result]]:
    return (
        next(result for result in quality if result.area == "all"),
        [result for result in quality if result.name == "summary"],
    )


def _activity(figures: Figures) -> Section:
    days, months = figures.days, figures.months
    skips, plays = (sum(getattr(m, name) for m in months) for name in ("skips", "plays"))
    return Section(
        "activity",
        "Activity over time",
        f"{len(days):,} days, {plays / len(days):,.0f} plays a day, {skips / plays:.1%} of them "
        "skipped. Days and months are UTC; a session counts for the day on which "
        "it begins.",
        [
            _card("Plays a day", "Each day, and the mean of the week.", charts.plays_by_day(days)),
            _card(
                "Active listeners a day",
                f"Of {figures.totals['listeners']:,}.",
                charts.listeners_by_day(days),
            ),
            _card(
                "How plays end",
                "Complete: at least 80 % of the track. Skipped: under 30 seconds and not complete.",
                charts.shares_by_month(months),
            ),
        ],
    )


def _listening(figures: Figures) -> Section:
    cards = []
    if any(figures.clock):
        peak = max(range(24), key=figures.clock.__getitem__)
        about = f"Listens (over 30 seconds, or complete) around the clock; most from {peak:02}:00."
        cards.append(_card("The day", about, charts.clock(figures.clock)))
    about = "Sessions begun by weekday and hour, the stronger the more."
    cards.append(_card("The week", about, charts.week(figures.week)))
    mix = figures.personalities
    if mix:
        listeners = sum(count for _, _, count in mix)
        about = (
            f"What {listeners:,} listeners' behaviour in {figures.personality_year} says of them, "
            "each beside the others: familiar or exploring, new or timeless, loyal or varied, "
            "common or unique."
        )
        cards.append(_card("The personalities", about, charts.personalities(mix)))
    return Section(
        "listening",
        "When they listen, and who they are",
        "Hours and weekdays are those of each listener's own clock."
        + ("" if mix else " Nobody has listened to enough for a personality yet."),
        cards,
    )


def _catalogue(figures: Figures) -> Section:
    tracks, artists = figures.track_plays, figures.artist_plays
    never = figures.totals["tracks"] - len(tracks)
    return Section(
        "catalogue",
        "The catalogue and its tail",
        f"{len(tracks):,} of {figures.totals['tracks']:,} tracks were played"
        + (f", {never:,} never were." if never else ".")
        + f" The ten most played artists have "
        f"{artists[:10].sum() / artists.sum():.1%} of all plays.",
        [
            _card(
                "Rank and plays",
                "Both axes logarithmic: a straight line is a power law.",
                charts.tail(tracks, artists),
            ),
            _card(
                "Concentration",
                "Share of all plays that the most played have.",
                charts.concentration(tracks, artists),
            ),
            _ranked("Genres", "By the primary genre of the track.", figures.top_genres),
            _ranked("Artists", "Most played.", figures.top_artists),
            _ranked("Tracks", "Most played.", figures.top_tracks),
        ],
    )


def _ranked(title: str, about: str, rows: list[Ranked]) -> Card:
    labels = [_cut(row.name) for row in rows]
    svg = charts.ranked_bars(f"top {title}", f"{title}: {about}", labels, [r.plays for r in rows])
    return _card(title, about, svg)


def _cut(name: str, length: int = 26) -> str:
    name = " ".join(name.split())
    return name if len(name) <= length else f"{name[: length - 1].rstrip()}…"


def _listeners(figures: Figures) -> Section:
    statistics = [row for row in figures.realism if row.kind == "listener"]
    return Section(
        "listeners",
        "Listeners beside real ones",
        "Each row is one window of days. The green band is where real listeners lie: wide from "
        "the 25th to the 75th percentile, narrow from the 10th to the 90th. The dot is the median "
        "of the simulated listeners, its line their 10th to 90th percentile. A statistic is inside "
        "if the dot lies in the wide band, sampling error included, and the line covers half of "
        "the narrow one. The simulated listeners are as active as the real ones.",
        [
            _card(
                in_words(name),
                rows[0].definition,
                charts.listener_statistic(rows),
                any(row.verdict == "outside" for row in rows),
            )
            for name, rows in _by_name(statistics)
        ],
    )


def _curves(figures: Figures) -> Section:
    lists = [
        Rows(title, [_figure(row) for row in figures.realism if row.kind == kind])
        for kind, title in (
            ("population", "Published figures"),
            ("trait", "Personalities and tastes in the plays"),
        )
    ]
    return Section(
        "curves",
        "All plays beside real ones",
        "Curves over all plays of the listeners above, the tolerated range shaded, points outside "
        "of it marked; then figures that others have published of whole populations, and how "
        "personalities and tastes show.",
        [
            _card(
                in_words(name),
                rows[0].definition,
                charts.curve(rows),
                any(row.verdict == "outside" for row in rows),
            )
            for name, rows in _by_name(row for row in figures.realism if row.kind == "curve")
        ],
        [listed for listed in lists if listed.rows],
    )


def _figure(row: Statistic) -> Row:
    expectation = told(row.reference)
    if row.reference_low is not None and row.reference_high is None:
        expectation = f"at least {told(row.reference_low)}"
    elif row.reference_low is not None:
        expectation += f" ({told(row.reference_low)} to {told(row.reference_high)})"
    return Row(
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
    lists = (
        [Rows(f"What fails ({len(failing)})", _results(failing), is_open=True)] if failing else []
    )
    for area in AREAS:
        rest = [row for row in results if row.area == area and row.verdict != "fail"]
        if rest:
            lists.append(
                Rows(f"{area.capitalize()}, what does not fail ({len(rest)})", _results(rest))
            )
    return Section(
        "quality",
        "Every check",
        "Structural: is it sound? Logical: is it plausible? Realism: is it lifelike? "
        "The rows of the mart quality_report.",
        lists=lists,
    )


def _results(results: list[Result]) -> list[Row]:
    return [
        Row(
            in_words(row.name) + ("" if row.segment == "all" else f", {row.segment}"),
            row.description,
            told(row.value),
            row.expectation,
            row.verdict,
        )
        for row in results
    ]


def _by_name(statistics: Iterable[Statistic]) -> list[tuple[str, list[Statistic]]]:
    """The rows of each statistic together; they come in the order of their names."""
    return [(name, list(rows)) for name, rows in groupby(statistics, lambda row: row.name)]
