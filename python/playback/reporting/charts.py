"""One function a chart: plain figures in, inline SVG out."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from math import pi

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator, PercentFormatter
from numpy.typing import NDArray

from playback.reporting.figures import Counts, DayTotals, Graph, MonthTotals, Split, Statistic
from playback.reporting.svg import (
    INK,
    OUTSIDE,
    QUIET,
    REFERENCE,
    SIMULATED,
    drawing,
    unmeasured_em,
)

POINTS = 150
"""Points that a long curve is drawn with, evenly apart on its logarithmic axis."""

WEEK = 7
HOURS = 24
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LOG_CURVES = {"gap_between_sessions_hours_quantile", "session_tracks_quantile"}
"""Curves whose values lie decades apart."""

LOG_POINTS = {
    "cumulative_stop_by_second",
    "repeat_within_lag_share",
    "skip_by_artist_rank",
    "skip_by_hearing",
}
"""Curves whose points lie decades apart."""

POINT_NAMES = {
    "cumulative_stop_by_played_ratio": "share of the track",
    "cumulative_stop_by_second": "second of the track",
    "day_of_week_share": "day of the week",
    "hour_of_day_share": "hour, each listener's quietest at 4",
    "repeat_within_lag_share": "plays ago",
    "session_continue_share": "tracks so far",
    "skip_by_artist_rank": "rank of the artist",
    "skip_by_hearing": "hearing of the track",
    "skip_by_hours_since_heard": "hours since it was heard",
    "skip_by_session_position": "place in the session",
    "skip_by_skips_in_a_row_before": "skips in a row before",
    "skip_share_by_session_position": "place in the session",
}
"""What the points of a curve are; those of the others are percentiles."""


def plays_by_day(days: list[DayTotals]) -> str:
    """Plays of each day, and the mean of the week around it."""
    with drawing("plays by day", "Plays of each day and their mean over a week") as drawn:
        axes, plays = drawn.axes, [day.plays for day in days]
        _fill_days(axes, days, plays)
        axes.set_ylabel("plays")
    return drawn.svg


def listeners_by_day(days: list[DayTotals]) -> str:
    """Listeners with a session on each day, and the mean of the week around it."""
    with drawing("listeners by day", "Listeners active on each day, and over a week") as drawn:
        _fill_days(drawn.axes, days, [day.listeners for day in days])
        drawn.axes.set_ylabel("listeners")
    return drawn.svg


def shares_by_month(months: list[MonthTotals]) -> str:
    """Shares of plays that are complete and that are skipped, by month."""
    with drawing("shares by month", "Completed and skipped shares of plays by month") as drawn:
        axes = drawn.axes
        moments = [month.month for month in months]
        for shares, name, colour in (
            ([month.complete_share for month in months], "played to the end", SIMULATED),
            ([month.skip_share for month in months], "skipped", OUTSIDE),
        ):
            known = np.array(shares, dtype=float)  # None is not a number
            axes.plot(moments, known, color=colour, marker="o", markersize=3, label=name)
        axes.set_ylim(0, 1)
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        _dated(axes)
        _legend(axes, 2)
    return drawn.svg


def tail(track_plays: Counts, artist_plays: Counts) -> str:
    """Plays by rank, of tracks and of artists, on logarithmic axes."""
    with drawing("tail", "Plays of tracks and artists by rank, logarithmic") as drawn:
        axes = drawn.axes
        for counts, name, colour in (
            (artist_plays, "artists", REFERENCE),
            (track_plays, "tracks", SIMULATED),
        ):
            ranks = _thinned(len(counts))
            axes.loglog(ranks, counts[ranks - 1], color=colour, label=name)
        axes.set_xlabel("rank")
        axes.set_ylabel("plays")
        _counted_log(axes, "both")
        _legend(axes, 2)
    return drawn.svg


def concentration(track_plays: Counts, artist_plays: Counts) -> str:
    """Share of all plays that the most played tracks and artists have."""
    with drawing("concentration", "Share of plays held by the most played") as drawn:
        axes = drawn.axes
        for counts, name, colour in (
            (artist_plays, "artists", REFERENCE),
            (track_plays, "tracks", SIMULATED),
        ):
            ranks = _thinned(len(counts))
            shares = np.cumsum(counts)[ranks - 1] / counts.sum()
            axes.plot(ranks / len(counts), shares, color=colour, label=name)
        axes.set_xscale("log")
        axes.set_ylim(0, 1)
        axes.set_xlabel("the most played, as a share of those played at all")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g}%"))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        _legend(axes, 2)
    return drawn.svg


def clock(listens: Sequence[int]) -> str:
    """Listens by local hour, around a clock of 24 hours."""
    with drawing("clock", "Listens by local hour, as a clock", 4.3, polar=True) as drawn:
        axes = drawn.axes
        axes.set_theta_zero_location("N")
        axes.set_theta_direction(-1)
        step = 2 * pi / HOURS
        most = max(max(listens), 1)
        axes.bar(
            [(hour + 0.5) * step for hour in range(HOURS)],
            [count / most for count in listens],
            width=0.86 * step,
            bottom=0.35,
            color=SIMULATED,
        )
        axes.set_ylim(0, 1.35)
        axes.set_yticks([])
        axes.grid(visible=False)
        axes.spines["polar"].set_visible(False)
        axes.set_xticks([hour * step for hour in range(0, HOURS, 3)])
        axes.set_xticklabels([f"{hour:02}" for hour in range(0, HOURS, 3)])
    return drawn.svg


def week(sessions: Counts) -> str:
    """Sessions begun by local weekday and hour, the darker the more."""
    with drawing("week", "Sessions begun by weekday and local hour") as drawn:
        axes = drawn.axes
        most = max(int(sessions.max()), 1)
        for weekday in range(WEEK):
            for hour in range(HOURS):
                share = round(int(sessions[weekday, hour]) / most, 3)
                axes.bar(hour, 0.88, 0.88, weekday - 0.44, color=SIMULATED, alpha=share)
        axes.set_yticks(range(WEEK), WEEKDAYS)
        axes.set_xticks(range(0, HOURS, 3), [f"{hour:02}" for hour in range(0, HOURS, 3)])
        axes.set_xlim(-0.6, HOURS - 0.4)
        axes.invert_yaxis()
        axes.spines["bottom"].set_visible(False)
        axes.tick_params(axis="x", length=0)
        axes.grid(visible=False)
        axes.set_xlabel("local hour")
    return drawn.svg


def personalities(mix: list[tuple[str, str, int]]) -> str:
    """Share of listeners of each personality, the most frequent first."""
    listeners = sum(count for _, _, count in mix)
    ranked = sorted(mix, key=lambda entry: (-entry[2], entry[0]))
    return _bars(
        "personalities",
        "Share of listeners of each personality",
        [f"{name.removeprefix('The ')}  {code}" for code, name, _ in ranked],
        [count / listeners for _, _, count in ranked],
        lambda share: f"{share:.1%}",
    )


def ranked_bars(name: str, described: str, labels: list[str], counts: list[int]) -> str:
    """A bar a label, with its count."""
    return _bars(name, described, labels, counts, lambda count: f"{count:,.0f}")


def degrees(graph: Graph) -> str:
    """Share of listeners with at least so many songs, and of songs with so many listeners."""
    with drawing("degrees", "Share of nodes with at least so many edges") as drawn:
        axes = drawn.axes
        for counted, name, colour in (
            (graph.songs_a_listener, "songs a listener", SIMULATED),
            (graph.listeners_a_song, "listeners a song", REFERENCE),
        ):
            if not counted:
                continue
            degree, nodes = np.array(counted).T
            at_least = np.cumsum(nodes[::-1])[::-1] / nodes.sum()
            shown = _thinned(len(degree)) - 1
            axes.loglog(degree[shown], at_least[shown], color=colour, label=name)
        axes.set_xlabel("at least so many")
        axes.set_ylabel("share of nodes")
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:g}"))
        _counted_log(axes, "x")
        _legend(axes, 2)
    return drawn.svg


def splits(parts: list[Split]) -> str:
    """The time split on its axis, with the plays of each part."""
    with drawing("splits", "Training, validation and test time", 1.5) as drawn:
        axes = drawn.axes
        for order, part in enumerate(parts):
            days = part.last_on + timedelta(days=1) - part.first_on
            axes.barh(0, days, left=part.first_on, color=SIMULATED, alpha=0.9 / (order + 1))
        axes.set_yticks([])
        axes.grid(visible=False)
        _dated(axes)
    return drawn.svg


def listener_statistic(windows: list[Statistic]) -> str:
    """One statistic of a listener: the band of real ones behind simulated p10, median and p90."""
    name = windows[0].name
    with drawing(
        name, f"{name}: simulated beside real listeners", 0.5 + 0.42 * len(windows)
    ) as drawn:
        axes = drawn.axes
        for row, window in enumerate(windows):
            _band(axes, row, window)
        axes.set_yticks(range(len(windows)), [f"{window.window_days} d" for window in windows])
        axes.set_ylim(len(windows) - 0.5, -0.5)
        axes.grid(visible=False, axis="y")
        axes.margins(x=0.04)
        axes.locator_params(axis="x", nbins=5)
    return drawn.svg


def curve(points: list[Statistic]) -> str:
    """A curve over all plays: the reference with its range, and the simulated values."""
    name = points[0].name
    with drawing(name, f"{name}: simulated and reference") as drawn:
        axes = drawn.axes
        at = [point.point for point in points]
        _reference_range(axes, at, points)
        axes.plot(at, _known(points, "reference"), color=REFERENCE, label="real listening")
        axes.plot(at, _known(points, "simulated"), color=SIMULATED, label="this world")
        for point in points:
            if point.verdict == "outside":
                axes.plot(point.point, point.simulated, "o", color=OUTSIDE, markersize=5)
        if name in LOG_POINTS:
            axes.set_xscale("log")
            _counted_log(axes, "x")
        if name in LOG_CURVES:
            axes.set_yscale("log")
            _counted_log(axes, "y")
        else:
            axes.set_ylim(bottom=0)
        if name == "day_of_week_share":
            axes.set_xticks(range(WEEK), (WEEKDAYS[-1], *WEEKDAYS[:-1]))
        axes.set_xlabel(POINT_NAMES.get(name, "percentile"))
        _legend(axes, 2)
    return drawn.svg


def _reference_range(axes: Axes, at: list[float | None], points: list[Statistic]) -> None:
    if all(point.reference_low is not None for point in points):
        axes.fill_between(
            at,
            _known(points, "reference_low"),
            _known(points, "reference_high"),
            color=REFERENCE,
            alpha=0.18,
            linewidth=0,
        )


def _band(axes: Axes, row: int, window: Statistic) -> None:
    for low, high, thickness, alpha in (
        (window.reference_p10, window.reference_p90, 0.34, 0.25),
        (window.reference_low, window.reference_high, 0.62, 0.4),
    ):
        if low is not None and high is not None:
            axes.barh(row, high - low, thickness, low, color=REFERENCE, alpha=alpha)
    colour = OUTSIDE if window.verdict == "outside" else SIMULATED
    if window.simulated_p10 is not None and window.simulated_p90 is not None:
        axes.plot([window.simulated_p10, window.simulated_p90], [row, row], color=colour)
    if window.simulated is not None:
        axes.plot(window.simulated, row, "o", color=colour, markersize=6)


def _known(points: list[Statistic], column: str) -> list[float]:
    """The figures of a column, with nan (which is not drawn) for those that are not known."""
    return [np.nan if (value := getattr(point, column)) is None else value for point in points]


def _fill_days(axes: Axes, days: list[DayTotals], counts: list[int]) -> None:
    moments = [day.day for day in days]
    axes.plot(moments, counts, color=SIMULATED, alpha=0.35, linewidth=0.7)
    if len(days) >= WEEK:
        means = np.convolve(counts, np.full(WEEK, 1 / WEEK), "valid")
        axes.plot(moments[WEEK // 2 : -(WEEK // 2)], means, color=SIMULATED)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(FuncFormatter(_short))
    _dated(axes)


def _bars(
    name: str,
    described: str,
    labels: list[str],
    values: Sequence[float],
    told: Callable[[float], str],
) -> str:
    with drawing(name, described, 0.3 + 0.28 * len(labels)) as drawn:
        axes = drawn.axes
        bars = axes.barh(range(len(labels)), values, 0.72, color=SIMULATED)
        axes.bar_label(bars, [told(value) for value in values], padding=4, color=QUIET)
        axes.set_yticks(range(len(labels)), labels, color=INK)
        axes.set_ylim(len(labels) - 0.4, -0.6)
        axes.set_xlim(0, 1.25 * (max(values) or 1))
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        axes.grid(visible=False)
        drawn.make_room(max(map(unmeasured_em, labels)))
    return drawn.svg


def _thinned(count: int) -> NDArray[np.int64]:
    """Ranks from 1 to `count`, at most `POINTS`, evenly apart on a logarithmic axis."""
    return np.unique(np.rint(np.geomspace(1, count, min(count, POINTS))).astype(np.int64))


def _dated(axes: Axes) -> None:
    locator = AutoDateLocator(minticks=3, maxticks=6)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))


def _counted_log(axes: Axes, which: str) -> None:
    for side in (axes.xaxis, axes.yaxis) if which == "both" else (getattr(axes, f"{which}axis"),):
        side.set_major_locator(LogLocator(10, numticks=7))
        side.set_major_formatter(FuncFormatter(_short))
        side.set_minor_locator(NullLocator())


def _legend(axes: Axes, columns: int) -> None:
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=columns, borderaxespad=0.2)


def _short(number: float, _: int = 0) -> str:
    """A tick: 1,200,000 as 1.2 M."""
    for size, unit in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if abs(number) >= size:
            return f"{number / size:g}{unit}"
    return f"{number:g}"
