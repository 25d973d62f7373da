"""Own listening histories come in."""

from playback import histories
from playback.console import Console
from playback.errors import PlaybackError
from playback.histories import accounting
from playback.pipeline import standing
from playback.pipeline.stages import LANDED, LISTENERS, build
from playback.places import Place

_BUFFERS = 400_000_000
"""Memory of DuckDB while it lands histories: what it sorts beyond that goes to disk."""


def import_histories(place: Place, request: histories.Request, console: Console) -> None:
    """Land own listening histories, build all that is made of them, and account for every row.

    Raises:
        PlaybackError: a file is no history, or cannot be read; there would be no play in the
            world; the engine cannot run; or the catalogue of the simulated world that it joins is
            not built.
        StageFailed: a model failed.
    """
    place.require_engine()
    found = histories.sources(request)
    with place.open(memory_limit=_BUFFERS) as warehouse, warehouse.transaction():
        with console.stage("import") as progress:
            if histories.is_simulated(warehouse):
                standing.require_catalogue(warehouse)
            imported = histories.land(warehouse, request, found, progress)
            if imported.is_changed:
                standing.record(warehouse, "land", histories.fingerprint(warehouse), LANDED)
                standing.record_rows(warehouse, "listeners", LISTENERS)
            progress.conclude(imported.in_words())
        if not warehouse.count("raw.simulation_batches"):
            console.table(*accounting.table(imported.accounts))
            raise PlaybackError("no row of these files is a play of a track: nothing was kept")
    build(place, console, "catalogue", with_tests=False)
    build(place, console, "listening", full_refresh=imported.is_changed, with_tests=False)
    console.table(*accounting.table(imported.accounts), below=imported.clocks_in_words())
