"""What was found, as tables and as JSON."""

import json
from pathlib import Path
from typing import Any

from playback import __version__
from playback.errors import PlaybackError
from playback.evaluation.comparison import Comparison, Result
from playback.evaluation.meaning import Foretold, Meaning, Reference
from playback.evaluation.metrics import CUT, Quality
from playback.files import staged

Table = tuple[str, tuple[str, ...], list[tuple[str, ...]]]
"""Title, header, and rows with one cell per column."""

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


def meaning_tables(meaning: Meaning) -> list[Table]:
    """What skips and sequences teach, beside their controls."""
    return [
        (
            "Skips foretold: AUC over listeners, and where their skips are permuted",
            ("from", "listeners", "reference", "simulated", "permuted", "inside"),
            [
                (
                    foretold.statistic,
                    f"{foretold.listeners:,}",
                    _band(foretold.reference),
                    f"{foretold.p10:.3f} {foretold.p50:.3f} {foretold.p90:.3f}",
                    f"{foretold.permuted:.3f}",
                    "yes" if foretold.is_inside else "NO",
                )
                for foretold in meaning.skips
            ],
        ),
        (
            f"Next track of a session: share among {CUT}, and where tracks come in another order",
            ("named by", "found", "permuted"),
            [
                (name, f"{found:.4f}", f"{meaning.next_tracks_permuted[name]:.4f}")
                for name, found in meaning.next_tracks.items()
            ],
        ),
    ]


def write(comparison: Comparison, meaning: Meaning | None, seed: int, path: Path) -> None:
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
        "skips": [_foretold(foretold) for foretold in meaning.skips] if meaning else None,
        "next_tracks": meaning and meaning.next_tracks,
        "next_tracks_permuted": meaning and meaning.next_tracks_permuted,
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


def _foretold(foretold: Foretold) -> dict[str, Any]:
    return foretold._asdict() | {"reference": foretold.reference._asdict()}


def _band(reference: Reference) -> str:
    p10, p25, _, p75, p90 = (f"{quantile:.3f}" for quantile in reference)
    return f"{p10} [{p25}, {p75}] {p90}"
