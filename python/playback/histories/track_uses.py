"""What the plays of a history say of its tracks and artists.

How long a track lasts is what a source says, or the files of a catalogue; else it is estimated: the
listening time that most plays to its end have, to the second, or most plays of half a minute and
more, where the source does not say how plays ended and at least two agree. Else it is not known.
"""

import duckdb

from playback.contexts import Reason

LEAST_FULL_PLAY_MS = 30_000
"""What is stopped sooner is a skip, and says nothing of how long a track lasts."""


def gather(connection: duckdb.DuckDBPyConnection) -> None:
    """Leave what the chosen plays say of each in the temporary tables `tracks` and `artists`.

    `track_uses` says besides how often each track came with which names, ids and durations.
    """
    connection.execute(
        """
        create or replace temp table track_uses as
        select
            folded_artist,
            folded_track,
            artist_name,
            track_name,
            album_name,
            track_uri,
            duration_ms,
            case when listening_ms >= $least_full_play_ms then listening_ms end as heard_ms,
            (context_code >> 11) = $to_the_end as is_to_the_end,
            count(*) as uses
        from chosen_plays
        group by all
        """,
        {"least_full_play_ms": LEAST_FULL_PLAY_MS, "to_the_end": int(Reason.TRACKDONE)},
    )
    connection.execute(
        """
        create or replace temp table tracks as
        with commonest as (
            select
                folded_artist,
                folded_track,
                max_by(track_name, (uses, track_name)) as track_name,
                max_by(album_name, (uses, album_name)) as album_name,
                max_by(duration_ms, (uses, duration_ms)) as duration_ms
            from (
                select folded_artist, folded_track, track_name, null as album_name,
                    null as duration_ms, sum(uses) as uses
                from track_uses
                group by all
                union all
                select folded_artist, folded_track, null, album_name, null, sum(uses)
                from track_uses
                where album_name is not null
                group by all
                union all
                select folded_artist, folded_track, null, null, duration_ms, sum(uses)
                from track_uses
                where duration_ms is not null
                group by all
            )
            group by folded_artist, folded_track
        ),
        full_plays as (
            select
                folded_artist,
                folded_track,
                heard_ms,
                sum(uses) as plays,
                sum(uses) filter (where is_to_the_end) as plays_to_the_end
            from track_uses
            where heard_ms is not null
            group by all
        ),
        full_seconds as (
            select
                *,
                sum(plays) over of_a_second as second_plays,
                sum(plays_to_the_end) over of_a_second as second_plays_to_the_end
            from full_plays
            window of_a_second as (
                partition by folded_artist, folded_track, round(heard_ms / 1000)
            )
        ),
        usual as (
            select
                folded_artist,
                folded_track,
                case
                    when max(second_plays_to_the_end) > 0
                        then max_by(
                            heard_ms,
                            (
                                coalesce(second_plays_to_the_end, 0),
                                coalesce(plays_to_the_end, 0),
                                heard_ms
                            )
                        )
                    when max(second_plays) > 1
                        then max_by(heard_ms, (second_plays, plays, heard_ms))
                end as usual_ms
            from full_seconds
            group by folded_artist, folded_track
        ),
        uri_uses as (
            select track_uri, folded_artist, folded_track, sum(uses) as plays
            from track_uses
            where track_uri is not null
            group by all
        ),
        owners as (
            select
                track_uri,
                max_by((folded_artist, folded_track), (plays, folded_artist, folded_track))
                    as owner
            from uri_uses
            group by track_uri
        ),
        own_uris as (
            select
                folded_artist,
                folded_track,
                max_by(track_uri, (plays, track_uri)) as track_uri
            from uri_uses
            inner join owners using (track_uri)
            where owner = (folded_artist, folded_track)
            group by folded_artist, folded_track
        )
        select
            folded_artist,
            folded_track,
            replace(own_uris.track_uri, 'spotify:track:', '') as id,
            commonest.track_name as name,
            commonest.album_name,
            commonest.duration_ms,
            usual.usual_ms
        from commonest
        left join usual using (folded_artist, folded_track)
        left join own_uris using (folded_artist, folded_track)
        """
    )
    connection.execute(
        """
        create or replace temp table artists as
        select
            folded_artist,
            max_by(artist_name, (uses, artist_name)) as name
        from (
            select folded_artist, artist_name, sum(uses) as uses
            from track_uses
            group by all
        )
        group by folded_artist
        """
    )
