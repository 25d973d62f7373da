"""The faults that end a command with one clear line each."""


class PlaybackError(Exception):
    """A fault the user can mend: the message says what, where and what to do, in one line.

    The command line prints the message alone and exits with code 2.
    """


class NoDataYet(PlaybackError):
    """Nothing has landed where a world is looked for."""


class StageFailed(Exception):  # noqa: N818 - it names what happened, as the reader sees it
    """A stage did its work and found the result wrong (a failed dbt model or data test).

    The command line prints the message and exits with code 1.
    """
