with

rejected_rows as (

    select * from {{ ref('stg_playback__rejected_rows') }}

),

tracks_reviewed as (

    select * from {{ ref('int_tracks_reviewed') }}

),

source_genres as (

    select * from {{ ref('int_source_genres_mapped') }}

),

rows_rejected as (

    select
        'source_rows_rejected' as check_name,
        source_file as subject,
        'Rows of the source file that were rejected as it landed.' as description,
        count(*) as failing_count,
        cast(null as bigint) as checked_count
    from rejected_rows
    group by source_file

),

landed as (

    select count(*) as track_count
    from tracks_reviewed

),

tracks_not_joined as (

    select
        'source_tracks_excluded' as check_name,
        exclusion_reason as subject,
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
        'Genres of the source that no canonical genre stands for.' as description,
        count(*) filter (where genre_id is null) as failing_count,
        count(*) as checked_count
    from source_genres

),

checks as (

    select * from rows_rejected
    union all
    select * from tracks_not_joined
    union all
    select * from genres_not_mapped

),

final as (

    select
        check_name,
        subject,
        'source' as category,
        'info' as severity,
        description,
        failing_count,
        cast(0 as bigint) as tolerated_count,
        checked_count
    from checks

)

select * from final
