"""Playback: the listening life of a music-streaming service, as a warehouse and a graph."""

from importlib.metadata import version

__version__ = version("playback")
