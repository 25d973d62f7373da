"""Figures in words."""


def counted(count: int, thing: str) -> str:
    """A number of things, in words: `1 day`, `2 days`."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"
