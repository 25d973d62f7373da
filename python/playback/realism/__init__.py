"""How real the plays are: every reference statistic, simulated, inside its band or not."""

from playback.realism.report import Chapter, Finding, measure

__all__ = ["Chapter", "Finding", "measure"]
