"""What the world is, whether it is sound, how lifelike it is: a sentence each, with its reason."""

from typing import NamedTuple

from playback.reporting.figures import Figures, Finding
from playback.reporting.titles import in_words
from playback.words import counted

_MOST_NAMES = 5


class AnsweredQuestion(NamedTuple):
    """A question, the answer in a word or two, the reason, and how good it is.

    `tone` is good, fair, bad or plain.
    """

    question: str
    word: str
    reason: str
    tone: str


def answers(figures: Figures) -> list[AnsweredQuestion]:
    """The three answers that the page opens with."""
    return [_what(figures), _sound(figures), _lifelike(figures)]


def told(value: float | None) -> str:
    """A number as text: whole ones with commas, others with three digits that count."""
    if value is None:
        return "-"
    if abs(value) >= 1000 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def told_range(least: float | None, most: float | None) -> str:
    """What a value may be, as text; empty if anything."""
    if least is None:
        return "" if most is None else f"at most {told(most)}"
    return f"at least {told(least)}" if most is None else f"{told(least)} to {told(most)}"


def expected(row: Finding) -> str:
    """What is expected of a result, as text; empty if nothing."""
    parts = [
        told_range(row.least, row.most),
        f"of {row.judged:,}" if row.judged is not None else "",
        row.unit or "",
    ]
    return " ".join(part for part in parts if part)


def _what(figures: Figures) -> AnsweredQuestion:
    totals, days = figures.totals, figures.days
    question, real = "What is it?", len(figures.real)
    listeners, tracks, artists = (
        counted(totals[f"{thing}s"], thing) for thing in ("listener", "track", "artist")
    )
    reason = f"{listeners} played {tracks} of {artists} from {days[0].day} to {days[-1].day}"
    if figures.seed is None:
        whose = "A real listening history" if real == 1 else "Real listening histories"
        return AnsweredQuestion(question, whose, f"{reason}: {_names(figures.real)}.", "plain")
    if real:
        return AnsweredQuestion(
            question,
            "A made-up world with real company",
            f"{reason}. Real {'is' if real == 1 else 'are'} {_names(figures.real)}; "
            f"the others are simulated from seed {figures.seed}.",
            "plain",
        )
    return AnsweredQuestion(
        question,
        "A made-up world",
        f"{reason}, all of it simulated from seed {figures.seed}: nobody's private life is in it.",
        "plain",
    )


def _names(names: list[str]) -> str:
    """Names in a row, the first few of many."""
    if len(names) > _MOST_NAMES:
        return f"{', '.join(names[:_MOST_NAMES])} and {len(names) - _MOST_NAMES:,} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _sound(figures: Figures) -> AnsweredQuestion:
    question = "Is it sound?"
    checks, ranges = (_judged(figures, area) for area in ("structural", "logical"))
    failing = [row for row in checks if row.verdict == "fail"]
    lost = [row for row in checks if row.verdict == "warn"]
    beyond = [row for row in ranges if row.verdict == "fail"]
    if failing:
        reason = f"{len(failing)} of {len(checks)} checks fail, above all: {_found(failing[0])}"
        return AnsweredQuestion(question, "No", reason, "bad")
    if lost:
        reason = f"The source has lost data. {_found(lost[0])}"
        return AnsweredQuestion(question, "With care", reason, "fair")
    if beyond:
        first = beyond[0]
        return AnsweredQuestion(
            question,
            "Whole, but odd",
            f"All {len(checks)} checks of keys, times and sums pass. But {len(beyond)} of "
            f"{len(ranges)} figures are implausible, above all: {in_words(first.name)} is "
            f"{told(first.value)}, expected {expected(first)}.",
            "fair",
        )
    if not checks:
        return AnsweredQuestion(question, "Not known", "No check could be judged.", "plain")
    example = ", such as the skip rate," if any(row.name == "skip_rate" for row in ranges) else ""
    return AnsweredQuestion(
        question,
        "Yes",
        f"All {len(checks)} checks of keys, times and sums pass, and all {len(ranges)} figures"
        f"{example} are plausible.",
        "good",
    )


def _found(row: Finding) -> str:
    return f"{row.description} {told(row.value)} found, {expected(row)}."


def _lifelike(figures: Figures) -> AnsweredQuestion:
    question = "How lifelike is it?" if figures.seed is not None else "Is it like others?"
    judged = _judged(figures, "realism")
    summary = next(row for row in figures.quality if (row.area, row.name) == ("realism", "summary"))
    alone = [row for row in figures.realism if row.is_like_most is not None]
    if alone and figures.totals["listeners"] == 1:
        like = sum(row.is_like_most is True for row in alone)
        reason = (
            f"{like} of {len(alone)} figures of this one listener lie where those of 80 % of real "
            "listeners do."
        )
        return AnsweredQuestion(
            question, "Like most" if 2 * like > len(alone) else "Unlike most", reason, "plain"
        )
    if not judged:
        reason = "There are too few days or listeners to hold against real listening histories."
        return AnsweredQuestion(question, "Not known", reason, "plain")
    inside = sum(row.verdict == "pass" for row in judged)
    reason = (
        f"{inside} of {len(judged)} comparisons with real listening hold "
        f"({inside / len(judged):.0%}"
        + (")" if figures.seed is None else f"; from {summary.least:.0%} on it is lifelike)")
    )
    if furthest := _furthest(figures, judged):
        reason += f"; furthest off is {furthest}"
    word, tone = ("Very", "good") if summary.verdict == "pass" else ("In part", "fair")
    return AnsweredQuestion(question, word, f"{reason}.", tone)


def _furthest(figures: Figures, judged: list[Finding]) -> str:
    """What is furthest off among the statistics of a listener: here, and in real listening."""
    outside = {
        (row.name, row.simulated): row
        for row in figures.realism
        if (row.kind, row.verdict) == ("listener", "outside")
    }
    for result in judged:
        row = outside.get((result.name, result.value))
        if row and result.verdict == "fail":
            title = in_words(row.name)
            told_as = _percent if row.name.endswith("_share") else told
            return (
                f"“{title}”, with {told_as(row.simulated)} here and "
                f"{told_as(row.reference)} in real listening"
            )
    return ""


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _judged(figures: Figures, area: str) -> list[Finding]:
    return [
        row
        for row in figures.quality
        if row.area == area and row.name != "summary" and row.verdict in ("pass", "warn", "fail")
    ]
