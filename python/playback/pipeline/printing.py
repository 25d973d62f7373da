"""What commands print: realism, a listener's year, the evaluation of the graph."""

from contextlib import suppress
from pathlib import Path

from playback import realism, wrapped
from playback.console import Console
from playback.errors import NoDataYet, PlaybackError, StageFailed
from playback.pipeline import standing
from playback.places import Place
from playback.products import graph
from playback.transform import Build

_REALISM_MART = "quality_realism"


def measure_realism(
    place: Place, console: Console, listeners: int | None = None, *, check: bool = False
) -> None:
    """Print every reference statistic beside its simulated value, as `quality_realism` has them.

    Args:
        place: where the world lies.
        console: what prints.
        listeners: measure so many anew; without, what the last build has measured is shown.
        check: fail where a statistic lies outside.

    Raises:
        PlaybackError: the marts are not built.
        StageFailed: a model failed, or `check` is asked for and a statistic that counts lies
            outside.
    """
    with place.read() as warehouse:
        if not warehouse.has_relation(_REALISM_MART):
            raise PlaybackError(
                f"{warehouse.database} has no {_REALISM_MART}: make it with `playback run`, or "
                "`playback build` if the plays are there"
            )
    if listeners is not None:
        what = Build("realism", {"realism_listeners": listeners}, with_tests=False)
        with console.stage("realism") as progress:
            built = place.build(what, progress)
        with place.open(must_exist=True) as warehouse, warehouse.transaction():
            standing.record_rows(warehouse, "build:listening", built)
            warehouse.record_stage("realism", "")  # the next build measures as many as ever
    with place.read() as warehouse:
        comparison = realism.read_comparison(warehouse)
    for table in realism.tables(comparison):
        console.table(*table)
    outside = realism.count(comparison, "outside")
    judged = outside + realism.count(comparison, "inside")
    if check and outside:
        raise StageFailed(f"{outside} of {judged} statistics lie outside their reference")


def make_wrapped(place: Place, console: Console, request: wrapped.WrappedRequest) -> None:
    """Print the year of a listener, or write it as files to share.

    Raises:
        PlaybackError: there is no such listener or year, too little in it, or a file cannot be
            written.
    """
    request.check()
    with place.read() as warehouse:
        wrapped.make(warehouse, request, console)


def evaluate(
    place: Place,
    exports: Path,
    seed: int,
    console: Console,
    *,
    check: bool = False,
    output: Path | None = None,
) -> None:
    """Print how well recommenders do that learn from `graph.pt`, beside those that do not.

    Where the database is there too, also how well skips and next tracks are foretold from the plays
    before.

    Raises:
        PlaybackError: there is no graph, too little in it to test on, or a file at `output` that
            Playback did not write.
        StageFailed: `check` is asked for and a gate fails.
    """
    graph.require_libraries()
    from playback.evaluation import (
        compare,
        measure_meaning,
        read_histories,
        read_listening,
        read_references,
        report,
    )

    if output:
        report.refuse_other_file(output)
    with console.stage("evaluate") as progress:
        edges = read_listening(exports / "graph.pt")
        comparison = compare(edges, seed, progress)
    histories, references = [], {}
    with suppress(NoDataYet), place.read() as warehouse:
        histories = read_histories(warehouse)
        references = read_references(warehouse) if histories else {}
    meaning = None
    if histories:
        with console.stage("meaning") as progress:
            meaning = measure_meaning(histories, references, seed, progress)
    else:
        console.skipped("meaning", "there is no database, or nobody in it has plays enough")
    if output:
        report.write(comparison, meaning, seed, output)
    for table in report.tables(comparison):
        console.table(*table)
    for table in report.meaning_tables(meaning) if meaning else ():
        console.table(*table)
    failed = [gate.condition for gate in comparison.gates if not gate.is_passed]
    if check and failed:
        raise StageFailed("the graph does not teach\n  " + "\n  ".join(failed))
