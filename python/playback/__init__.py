"""Playback: the listening life of a music-streaming service, as a warehouse and a graph."""

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playback.products.graph import decode, graph_meta, load_graph, training_graph

__all__ = ["__version__", "decode", "graph_meta", "load_graph", "training_graph"]
__version__ = version("playback")


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the type is that of what is asked for
    """Import what reads graphs when it is first used: the command line starts without it."""
    if name in __all__:
        from playback.products import graph

        return getattr(graph, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
