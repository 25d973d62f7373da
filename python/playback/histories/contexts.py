"""What surrounded a play, as files tell it."""

from playback.contexts import Answer, Reason

_REASONS = {
    reason.name.lower().replace("_", "-"): reason
    for reason in Reason
    if reason not in (Reason.NOT_KNOWN, Reason.OTHER)
}


def reason(text: object) -> Reason:
    """A reason for the start or the end, as Spotify writes it; any other text is valid too."""
    if not isinstance(text, str) or text in ("", "unknown"):
        return Reason.NOT_KNOWN
    return _REASONS.get(text, Reason.OTHER)


def answer(value: object) -> Answer:
    """Yes or no, where a file says so."""
    if not isinstance(value, bool):
        return Answer.NOT_KNOWN
    return Answer.YES if value else Answer.NO
