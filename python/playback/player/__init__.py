"""The player: every play of every listener, from the catalogue and the listeners' traits."""

from playback.player.feed import PlaySummary, play

__all__ = ["PlaySummary", "play"]
