"""What a listener's key is folded with for all that is fixed about them."""

LIBRARY, ARTISTS, HABITS, ABSENCES, FIRST = 1, 2, 3, 4, 5
