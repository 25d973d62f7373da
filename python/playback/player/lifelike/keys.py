"""What a listener's key is folded with for all that is fixed about them."""

import numpy as np

CHOOSINESS, LIBRARY, ARTISTS, HABITS, ABSENCES, FIRST = np.arange(6, dtype=np.uint64)
LEVELS, LIKED_TRACKS, LIKED_ARTISTS, PLAYLISTS, OBSESSIONS = np.arange(8, 13, dtype=np.uint64)
RETURNS, SOUND, SESSIONS = np.arange(13, 16, dtype=np.uint64)
"""6, 7 and 1 << 32 are those of `playlists`; days are folded as day + 16."""
