with

source_files as (

    select * from {{ ref('stg_playback__source_files') }}

),

rejected_rows as (

    select * from {{ ref('stg_playback__rejected_rows') }}

),

missing_values as (

    select * from {{ ref('stg_playback__missing_values') }}

),

tracks_reviewed as (

    select * from {{ ref('int_tracks_reviewed') }}

),

source_genres as (

    select distinct
        genre_id,
        source_genre
    from {{ ref('int_artist_source_genres') }}

),

import_accounts as (

    select * from {{ ref('quality_imports') }}

),

rejected_by_file as (

    select
        source_file,
        count(*) as rejected_count
    from rejected_rows
    group by source_file

),

rows_rejected as (

    select
        'source_rows_rejected' as check_name,
        source_files.source_file as subject,
        'warning' as severity,
        'Rows of the source file that were rejected as it landed.' as description,
        coalesce(rejected_by_file.rejected_count, 0) as failing_count,
        source_files.row_count as checked_count
    from source_files
    left join rejected_by_file
        on source_files.source_file = rejected_by_file.source_file

),

values_unread as (

    select
        'source_values_unread' as check_name,
        missing_values.source_file || ', ' || missing_values.column_name as subject,
        'warning' as severity,
        'Values of an optional column that could not be read, and are missing.' as description,
        cast(sum(missing_values.value_count) as bigint) as failing_count,
        max(source_files.row_count) as checked_count
    from missing_values
    inner join source_files
        on missing_values.source_file = source_files.source_file
    where missing_values.reason <> 'is missing'
    group by missing_values.source_file, missing_values.column_name

),

values_missing as (

    select
        'source_values_missing' as check_name,
        missing_values.source_file || ', ' || missing_values.column_name as subject,
        'info' as severity,
        'Values of an optional column that the source does not have.' as description,
        cast(sum(missing_values.value_count) as bigint) as failing_count,
        max(source_files.row_count) as checked_count
    from missing_values
    inner join source_files
        on missing_values.source_file = source_files.source_file
    where missing_values.reason = 'is missing'
    group by missing_values.source_file, missing_values.column_name

),

landed as (

    select count(*) as track_count
    from tracks_reviewed

),

tracks_not_joined as (

    select
        'source_tracks_excluded' as check_name,
        exclusion_reason as subject,
        'info' as severity,
        'Tracks of the source that are not in dim_tracks, by reason.' as description,
        count(*) as failing_count,
        (select landed.track_count from landed) as checked_count
    from tracks_reviewed
    where exclusion_reason is not null
    group by exclusion_reason

),

genres_not_mapped as (

    select
        'source_genres_unmapped' as check_name,
        'all' as subject,
        'info' as severity,
        'Genres of the source that no canonical genre stands for.' as description,
        count(*) filter (where genre_id is null) as failing_count,
        count(*) as checked_count
    from source_genres

),

history_rows_accounted as (

    select
        'history_rows_accounted' as check_name,
        'all' as subject,
        'error' as severity,
        'Files of a history whose rows are not all landed, duplicate, no music, without a track'
        || ' or rejected.' as description,
        count(*) filter (
            where
            row_count <> landed_count + duplicate_count + not_music_count + no_track_count
            + rejected_count
            or duplicate_count < 0
        ) as failing_count,
        count(*) as checked_count
    from import_accounts

),

history_tracks_not_matched as (

    select
        'history_tracks_not_matched' as check_name,
        'all' as subject,
        'info' as severity,
        'Tracks of a history that no file of a catalogue tells more of.' as description,
        count(*) filter (where matched_by is null) as failing_count,
        count(*) as checked_count
    from tracks_reviewed
    where is_imported
    having count(matched_by) > 0

),

checks as (

    select * from rows_rejected
    union all
    select * from values_unread
    union all
    select * from values_missing
    union all
    select * from tracks_not_joined
    union all
    select * from genres_not_mapped
    union all
    select * from history_rows_accounted
    union all
    select * from history_tracks_not_matched

),

final as (

    select
        check_name,
        subject,
        'source' as category,
        severity,
        description,
        failing_count,
        case
            when severity = 'warning'
                then cast(floor({{ var('tolerated_source_loss') }} * checked_count) as bigint)
            else 0
        end as tolerated_count,
        checked_count
    from checks

)

select * from final
