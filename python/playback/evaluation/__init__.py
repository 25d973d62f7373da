"""Whether the data teaches: what recommenders learn from the graph, and models from the plays.

Importing this package imports torch, which takes seconds: import it late.
"""

from playback.evaluation.comparison import Comparison, compare
from playback.evaluation.histories import read_histories
from playback.evaluation.listening import read_listening
from playback.evaluation.meaning import measure_meaning, read_references

__all__ = [
    "Comparison",
    "compare",
    "measure_meaning",
    "read_histories",
    "read_listening",
    "read_references",
]
