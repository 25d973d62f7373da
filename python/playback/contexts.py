"""What a play was played from, why it began and ended: in words, and as one small number.

raw.user_events holds `context_code`, the sum that `context_code` makes; dbt says it in words. Texts
are those of members' names in lower case, with hyphens: `unexpected-exit`.
"""

from enum import IntEnum


class Context(IntEnum):
    """What a play was played from."""

    NOT_KNOWN = 0
    ALBUM = 1
    PLAYLIST = 2
    LIBRARY = 3
    ARTIST = 4
    RADIO = 5
    CHART = 6
    SEARCH = 7


class Answer(IntEnum):
    """Whether the order was shuffled, or the listener offline."""

    NOT_KNOWN = 0
    NO = 1
    YES = 2


class Reason(IntEnum):
    """Why a play began or ended, in the terms of Spotify's extended histories."""

    NOT_KNOWN = 0
    TRACKDONE = 1
    FWDBTN = 2
    BACKBTN = 3
    PLAYBTN = 4
    CLICKROW = 5
    APPLOAD = 6
    REMOTE = 7
    TRACKERROR = 8
    ENDPLAY = 9
    LOGOUT = 10
    UNEXPECTED_EXIT = 11
    UNEXPECTED_EXIT_WHILE_PAUSED = 12
    OTHER = 13


def context_code(
    context_type: int, is_shuffle: int, is_offline: int, reason_start: int, reason_end: int
) -> int:
    """Say it all in a number of 15 bits; 0 where nothing is known."""
    return context_type + 8 * is_shuffle + 32 * is_offline + 128 * reason_start + 2048 * reason_end
