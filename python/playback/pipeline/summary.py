"""The table that a run closes with."""

from pathlib import Path

from playback import catalogue
from playback.console import Console
from playback.errors import StageFailed
from playback.places import Place
from playback.player import PlaySummary


def summarise(
    place: Place, exports: Path, files: list[Path], played: PlaySummary, console: Console
) -> None:
    """Print what there is in the world now, and how fast it was played.

    Raises:
        StageFailed: a structural check of the data failed.
    """
    with place.read() as warehouse:
        source = catalogue.rows_in_words(warehouse)
        if source:
            source += f"; {catalogue.tracks_in_words(warehouse)}"
        tracks, plays = warehouse.count("dim_tracks"), warehouse.count("raw.user_events")
        rates = dict(
            warehouse.rows(
                "select metric_name, value from quality_logical where segment_type = 'all'"
            )
        )
        checks = warehouse.rows(
            "select check_name, failing_count, is_passed "
            "from quality_structural where severity = 'error' order by check_name"
        )
        (_, verdict, _, _), *areas = warehouse.rows(
            "select area, verdict, passed_count, judged_count from quality_report "
            "where report_order = 1 or result_name = 'summary' order by report_order"
        )
        passed = ", ".join(f"{passed} of {judged} {area}" for area, _, passed, judged in areas)
        option = warehouse.option.removeprefix("--")
    megabytes = sum(path.stat().st_size for path in files) / 1e6
    speed = f"{played.plays / played.seconds:,.0f}" if played.plays else "no new plays"
    console.summary(
        "Playback",
        [
            *([("catalogue", source)] if source else []),
            ("listeners", f"{played.listeners:,}"),
            ("tracks", f"{tracks:,}"),
            ("plays", f"{plays:,}"),
            ("plays a second", speed),
            ("skip rate", f"{rates['skip_rate']:.1%} (under 30 s and not complete)"),
            ("completion rate", f"{rates['completion_rate']:.1%} (at least 80 % of the track)"),
            ("quality", f"{verdict}: {passed} pass"),
            (option, str(place.path)),
            ("files", f"{len(files)} in {exports} ({megabytes:,.0f} MB)"),
        ],
    )
    failed = [f"  {name}: {count:,} failing" for name, count, is_passed in checks if not is_passed]
    if failed:
        raise StageFailed("the data is not sound\n" + "\n".join(failed))
