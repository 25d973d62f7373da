"""Measure everything and print one table: `make bench`, or `python -m benchmarks kernel landing`.

Each measure runs in a process of its own, so that one measure's peak memory is not another's.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from benchmarks.measures import MEASURES, run
from benchmarks.worlds import make_worlds


def main(names: list[str]) -> None:
    """Run the measures named, or all of them."""
    chosen = [measure for measure in MEASURES if not names or measure.__name__ in names]
    table = Table(title="Playback, measured", title_justify="left", title_style="bold")
    for column in ("what", "measured", "compared with", "ratio", "budget", "met", "peak memory"):
        table.add_column(column, justify="right" if column in ("ratio", "peak memory") else "left")
    with (
        TemporaryDirectory(prefix="playback-bench-") as folder,
        ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as process,
    ):
        process.submit(make_worlds, Path(folder)).result()
        for measure in chosen:
            rows, peak = process.submit(run, measure.__name__, Path(folder)).result()
            for row in rows:
                table.add_row(
                    row.what,
                    row.figure,
                    row.compared_with,
                    f"{row.ratio:.2f}",
                    row.budget,
                    "yes" if row.is_met else "[red]no",
                    f"{peak:.1f} GB",
                )
    Console(width=None if sys.stdout.isatty() else 150).print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
