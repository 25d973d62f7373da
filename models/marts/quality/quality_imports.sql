with

files as (

    select * from {{ ref('stg_histories__files') }}

),

kept as (

    select
        file_key,
        count(*) as play_count
    from {{ ref('stg_histories__plays') }}
    group by file_key

),

landed as (

    select
        file_key,
        count(*) as play_count
    from {{ ref('stg_histories__events') }}
    group by file_key

),

final as (

    select
        files.file_key,
        files.listener_name,
        files.source_file,
        files.file_format,
        files.row_count,
        coalesce(landed.play_count, 0) + files.landed_track_count as landed_count,
        coalesce(kept.play_count, 0) - coalesce(landed.play_count, 0)
        + files.track_count - files.landed_track_count as duplicate_count,
        files.not_music_count,
        files.no_track_count,
        files.rejected_count
    from files
    left join kept
        on files.file_key = kept.file_key
    left join landed
        on files.file_key = landed.file_key

)

select * from final
