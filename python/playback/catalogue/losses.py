"""What of the source files is not used, in words."""

from collections.abc import Iterable

from playback.errors import PlaybackError
from playback.warehouse import Warehouse

_COMMONEST = 3
"""How many reasons are told: the commonest."""

_ADVICE = {
    "artist_unknown": "the ids in id_artists of the tracks file must be ids of the artists file",
    "not_in_tracks_extended": "the extended file must hold the same tracks, by name and artist",
}


def reasons_in_words(counts: Iterable[tuple[str, int]]) -> str:
    """The commonest reasons, each with its count, and how many the others are."""
    ranked = sorted(counts, key=lambda it: (-it[1], it[0]))
    told = [f"{count:,} {reason}" for reason, count in ranked[:_COMMONEST]]
    if others := ranked[_COMMONEST:]:
        told.append(f"{sum(count for _, count in others):,} for other reasons")
    return "; ".join(told)


def rows_in_words(warehouse: Warehouse) -> str | None:
    """How many rows of how many were used, and why not the others; None without source files."""
    ((read,),) = warehouse.rows("select sum(row_count) from raw.source_files")
    if read is None:
        return None
    rejected = warehouse.rows(
        "select concat_ws(' ', source_file || ':', column_name, reason), count(*) "
        "from raw.rejected_rows group by all"
    )
    unread = warehouse.rows(
        "select concat_ws(' ', source_file || ':', column_name, reason), sum(value_count) "
        "from raw.missing_values where reason <> 'is missing' group by all"
    )
    told = f"{read - sum(count for _, count in rejected):,} of {read:,} rows used"
    if rejected:
        told += f", rejected: {reasons_in_words(rejected)}"
    if unread:
        told += f", optional values that cannot be read: {reasons_in_words(unread)}"
    return told


def tracks_in_words(warehouse: Warehouse) -> str:
    """How many tracks are left out of the catalogue, and why; needs the marts of quality."""
    left_out = warehouse.rows(
        "select replace(subject, '_', ' '), failing_count from quality_structural "
        "where check_name = 'source_tracks_excluded'"
    )
    return f"tracks left out: {reasons_in_words(left_out)}" if left_out else "no track left out"


def require_tracks(warehouse: Warehouse) -> None:
    """Refuse a built catalogue of which nothing has come through the joins.

    Raises:
        PlaybackError: there is no track, for the reasons that it gives.
    """
    if not warehouse.has_relation("dim_tracks") or warehouse.count("dim_tracks"):
        return
    reasons = []
    if warehouse.has_relation("int_tracks_reviewed", "intermediate"):  # a lake shows marts alone
        reasons = warehouse.rows(
            "select exclusion_reason, count(*) from intermediate.int_tracks_reviewed "
            "group by exclusion_reason order by count(*) desc, exclusion_reason"
        )
    told = reasons_in_words((reason.replace("_", " "), count) for reason, count in reasons)
    advice = [_ADVICE[reason] for reason, _ in reasons if reason in _ADVICE] or [*_ADVICE.values()]
    raise PlaybackError(
        f"not one track of the catalogue can be used{f' ({told})' if told else ''}: "
        f"{'; '.join(advice)}; correct the files and run again"
    )
