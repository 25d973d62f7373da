"""A listener's year: for the terminal, as a page, as cards, as figures."""

from playback.wrapped.share import WrappedRequest, make
from playback.wrapped.terminal import render
from playback.wrapped.year import Year, find_listener, read_year

__all__ = ["WrappedRequest", "Year", "find_listener", "make", "read_year", "render"]
