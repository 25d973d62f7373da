"""The player: every play of every listener, from the catalogue and the listeners' traits."""

from playback.player.ahead import compiled_meanwhile
from playback.player.batches import PlaySummary, is_over, play
from playback.player.tasks import play as play_on_spark

__all__ = ["PlaySummary", "compiled_meanwhile", "is_over", "play", "play_on_spark"]
