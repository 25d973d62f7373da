"""A comparison as tables and as JSON."""

import json
from pathlib import Path
from typing import Any

from playback import __version__
from playback.errors import PlaybackError
from playback.evaluation.comparison import Comparison, Result
from playback.evaluation.metrics import CUT, Quality
from playback.files import staged

Table = tuple[str, tuple[str, ...], list[tuple[str, ...]]]
"""Title, header, and rows with a cell a column."""

_BEGINNING = b'{\n  "playback_version": '
"""What a file of `write` begins with."""

_HEADER = ("recommender", *(2 * (f"Recall@{CUT}", f"NDCG@{CUT}", "coverage")))


def tables(comparison: Comparison) -> list[Table]:
    """The results, the negative control and the gates."""
    return [
        ("On test time: songs new to the listener, then with repeats", *_cells(comparison.results)),
        (
            "Negative control: the same with songs swapped at random, degrees kept",
            *_cells(comparison.rewired),
        ),
        (
            "Gates",
            ("condition", "Recall", "against", "ratio", "passed"),
            [
                (
                    gate.condition,
                    f"{gate.recall:.4f}",
                    f"{gate.against:.4f}",
                    f"{gate.recall / gate.against:.2f}" if gate.against else "-",
                    "yes" if gate.is_passed else "NO",
                )
                for gate in comparison.gates
            ],
        ),
    ]


def refuse_other_file(path: Path) -> None:
    """Never write over a file that is not a comparison as `write` writes it.

    Raises:
        PlaybackError: such a file is there, or it cannot be read.
    """
    if not path.exists():
        return
    try:
        with path.open("rb") as file:
            beginning = file.read(len(_BEGINNING))
    except OSError as error:
        raise PlaybackError(f"{path} cannot be read: {error.strerror}") from error
    if beginning != _BEGINNING:
        raise PlaybackError(
            f"{path} is no evaluation of Playback, so it may be yours: "
            "move it away, or name another file with --output"
        )


def write(comparison: Comparison, seed: int, path: Path) -> None:
    """Write all figures as JSON; the same figures make the same bytes.

    Raises:
        PlaybackError: as `refuse_other_file` does, and the file cannot be written.
    """
    refuse_other_file(path)
    figures = {
        "playback_version": __version__,
        "seed": seed,
        "results": [_named(result) for result in comparison.results],
        "rewired": [_named(result) for result in comparison.rewired],
        "gates": [gate._asdict() for gate in comparison.gates],
    }
    with staged(path.parent) as staging:
        staged_file = staging.folder / path.name
        staged_file.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
        staging.add(staged_file)


def _cells(results: list[Result]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    return _HEADER, [
        (result.recommender, *_quality_cells(result.new), *_quality_cells(result.repeats))
        for result in results
    ]


def _quality_cells(quality: Quality | None) -> tuple[str, ...]:
    if quality is None:
        return "-", "-", "-"
    return f"{quality.recall:.4f}", f"{quality.ndcg:.4f}", f"{quality.coverage:.1%}"


def _named(result: Result) -> dict[str, Any]:
    return {
        "recommender": result.recommender,
        "new": result.new and result.new._asdict(),
        "repeats": result.repeats._asdict(),
    }
