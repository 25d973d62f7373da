"""The faults that end a command with one clear line each."""

import sys


class PlaybackError(Exception):
    """A fault the user can mend: the message says what, where and what to do, in one line.

    The command line prints the message alone and exits with code 2.
    """


class NoDataYet(PlaybackError):  # noqa: N818 - it names what is the matter
    """Nothing has landed where a world is looked for."""


class StageFailed(Exception):  # noqa: N818 - it names what happened, as the reader sees it
    """A stage did its work and found the result wrong (a failed dbt model or data test).

    The command line prints the message and exits with code 1.
    """


_NO_MEMORY = (
    "annot allocate memory",
    "failed to map segment",
    "bad_alloc",
    "can't start new thread",
)
"""What libraries say that could not be loaded, or could not begin, for want of memory."""


def fault_of_machine(error: BaseException) -> str | None:
    """Say in one line what memory or database did not give; None for any other error."""
    duckdb = sys.modules.get("duckdb")
    is_of_duckdb = duckdb is not None and isinstance(error, duckdb.Error)
    text = " ".join(str(error).split())
    if isinstance(error, MemoryError) or any(sign in text for sign in _NO_MEMORY):
        return (
            "there is too little memory: end other programs, or ask for a smaller world or fewer "
            "--threads"
        )
    return f"DuckDB: {text[:300]}" if is_of_duckdb else None
