"""The stages in order. Each one starts from the warehouse and redoes only what changed."""

from pathlib import Path

from playback import player
from playback.console import Console
from playback.errors import PlaybackError
from playback.pipeline.importing import import_histories
from playback.pipeline.printing import evaluate, make_wrapped, measure_realism
from playback.pipeline.shipping import export, export_history, make_graph, make_report
from playback.pipeline.stages import build, land, make_listeners, play
from playback.pipeline.summary import summarise
from playback.places import Place
from playback.products import graph
from playback.settings import RunSettings

__all__ = [
    "build",
    "evaluate",
    "export",
    "export_history",
    "import_histories",
    "land",
    "make_graph",
    "make_listeners",
    "make_report",
    "make_wrapped",
    "measure_realism",
    "play",
    "run",
]


def run(place: Place, settings: RunSettings, exports: Path, console: Console) -> None:
    """Do the whole job: land, catalogue, listeners, plays, marts, exports, graph.

    Marts that are Parquet already are not exported.

    Raises:
        StageFailed: a model failed, or a structural check of the data did.
    """
    place.require_engine()
    with player.compiled_meanwhile(settings.preset.player):
        land(place, settings, console)
        build(place, console, "catalogue", with_tests=False)
        make_listeners(place, settings.users, settings.preset, console)
    played = play(place, settings.preset, settings.until, console)
    build(place, console, "listening", with_tests=False)
    files = []
    if not place.parquet:
        files += export(place, exports, console, meanwhile=graph.imported_meanwhile)
    try:
        graph.require_libraries()
    except PlaybackError as error:
        console.skipped("graph", str(error))
    else:
        files.append(make_graph(place, exports, console))
    summarise(place, exports, files, played, console)
