"""Whether the graph teaches: recommenders that learn from it against those that do not.

Importing this package imports torch, which takes seconds: import it late.
"""

from playback.evaluation.comparison import Comparison, compare
from playback.evaluation.listening import read_listening

__all__ = ["Comparison", "compare", "read_listening"]
