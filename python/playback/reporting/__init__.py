"""The report of a world as one HTML page that needs nothing else."""

from playback.reporting.figures import Figures
from playback.reporting.page import render
from playback.reporting.reading import read_figures

__all__ = ["Figures", "read_figures", "render"]
