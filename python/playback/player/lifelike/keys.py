"""What a listener's key is folded with for all that is fixed about them."""

CHOOSINESS, LIBRARY, ARTISTS, HABITS, ABSENCES, FIRST = 0, 1, 2, 3, 4, 5
LEVELS, LIKED_TRACKS, LIKED_ARTISTS, PLAYLISTS, OBSESSIONS = 8, 9, 10, 11, 12
RETURNS, SOUND, SESSIONS = 13, 14, 15
"""6, 7 and 1 << 32 are those of `playlists`; days are folded as day + 16."""
