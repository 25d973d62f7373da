"""How real the plays are, as the mart `quality_realism` says: one table per kind of reference."""

from collections.abc import Iterator
from typing import NamedTuple

from playback.warehouse import Warehouse

_TITLES = {
    "listener": "One listener (median [and its sampling error], p10 and p90, of like listeners)",
    "curve": "All plays (of like listeners)",
    "population": "The population (all listeners)",
    "trait": "Personalities and tastes",
}
_HEARD = "catalogue_heard_share"
_VERDICTS = {"inside": "yes", "outside": "NO"}


class ComparedStatistic(NamedTuple):
    """One row of `quality_realism`; a figure that is not known is None."""

    kind: str
    statistic: str
    verdict: str
    window_days: int
    point: float | None
    listeners: int | None
    simulated_p10: float | None
    simulated: float | None
    simulated_p90: float | None
    sampling_low: float | None
    sampling_high: float | None
    reference_p10: float | None
    reference_low: float | None
    reference: float
    reference_high: float | None
    reference_p90: float | None


Table = tuple[str, tuple[str, ...], list[tuple[str, ...]]]


def read_comparison(warehouse: Warehouse) -> list[ComparedStatistic]:
    """Read the mart, ordered by kind, statistic and where it is."""
    return [
        ComparedStatistic(*row)
        for row in warehouse.rows(
            "select reference_type, statistic, verdict, window_days, curve_point, user_count, "
            "simulated_p10, simulated_value, simulated_p90, sampling_low, sampling_high, "
            "reference_p10, reference_low, reference_value, reference_high, reference_p90 "
            "from quality_realism "
            "order by reference_type, statistic, window_days desc, curve_point"
        )
    ]


def count(comparison: list[ComparedStatistic], *verdicts: str) -> int:
    """How many rows have one of these verdicts."""
    return sum(row.verdict in verdicts for row in comparison)


def tables(comparison: list[ComparedStatistic]) -> Iterator[Table]:
    """Title, header and rows of a table for each kind, and of the listeners that were matched."""
    for kind, title in _TITLES.items():
        rows = [row for row in comparison if row.kind == kind]
        told = f"{title}: {_counted(rows)}"
        if any(row.statistic == _HEARD and row.verdict == "outside" for row in rows):
            told += "; the catalogue is small for its listeners"
        yield (
            told,
            ("statistic", "at", "listeners", "reference", "simulated", "inside"),
            [
                (
                    row.statistic,
                    f"{row.window_days} days" if row.point is None else f"{row.point:g}",
                    _told(row.listeners),
                    _reference(row),
                    _simulated(row),
                    _verdict(row),
                )
                for row in rows
            ],
        )
    matched = [row for row in comparison if row.kind == "activity"]
    yield (
        f"Like listeners, by plays a day: {sum(int(row.simulated or 0) for row in matched)}",
        ("plays a day from", "wanted", "found"),
        [(f"{row.point:g}", _told(row.reference), _told(row.simulated)) for row in matched],
    )


def _counted(rows: list[ComparedStatistic]) -> str:
    inside, undecided = count(rows, "inside"), count(rows, "undecided")
    judged = inside + count(rows, "outside")
    told = f"{inside} of {judged} inside" + (f", {undecided} undecided" if undecided else "")
    if alone := [like for row in rows if (like := _is_like_most(row)) is not None]:
        told += f"; one listener, {sum(alone)} of {len(alone)} between p10 and p90"
    return told


def _verdict(row: ComparedStatistic) -> str:
    like = _is_like_most(row)
    if like is None:
        return _VERDICTS.get(row.verdict, row.verdict)
    return "one listener, like most" if like else "one listener, unlike most"


def _is_like_most(row: ComparedStatistic) -> bool | None:
    return like_most(row.verdict, row.simulated, row.reference_p10, row.reference_p90)


def like_most(
    verdict: str, value: float | None, p10: float | None, p90: float | None
) -> bool | None:
    """Whether one listener alone lies where most real ones do; None where there are more."""
    if verdict != "one listener" or value is None or p10 is None or p90 is None:
        return None
    return p10 <= value <= p90


def _reference(row: ComparedStatistic) -> str:
    if row.reference_low is None:
        return _told(row.reference)
    if row.reference_high is None:
        return f"at least {_told(row.reference_low)}"
    band = f"[{_told(row.reference_low)}, {_told(row.reference_high)}]"
    if row.reference_p10 is None:
        return band
    return f"{_told(row.reference_p10)} {band} {_told(row.reference_p90)}"


def _simulated(row: ComparedStatistic) -> str:
    value = _told(row.simulated)
    if row.sampling_low is not None:
        value += f" [{_told(row.sampling_low)}, {_told(row.sampling_high)}]"
    if row.simulated_p10 is None:
        return value
    return f"{_told(row.simulated_p10)} {value} {_told(row.simulated_p90)}"


def _told(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}" if value < 1000 else f"{value:,.0f}"
