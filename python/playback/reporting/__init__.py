"""The report of a world as one HTML page that needs nothing else."""

from playback.reporting.figures import Figures, read_figures
from playback.reporting.page import render

__all__ = ["Figures", "read_figures", "render"]
