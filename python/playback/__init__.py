"""Playback: the listening life of a music-streaming service, as a warehouse and a graph."""

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playback.products.graph import load_graph

__all__ = ["__version__", "load_graph"]
__version__ = version("playback")


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the type is that of what is asked for
    """Import what reads graphs when it is first used: the command line starts without it."""
    if name == "load_graph":
        from playback.products.graph import load_graph

        return load_graph
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
