"""A listener's year as a page of the terminal."""

from playback.wrapped.page import render
from playback.wrapped.year import Year, read_year

__all__ = ["Year", "read_year", "render"]
