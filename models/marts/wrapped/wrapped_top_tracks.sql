with

user_track_years as (

    select * from {{ ref('int_user_track_years') }}

),

ranked as (

    select
        user_key,
        track_key,
        wrapped_year,
        row_number() over (
            partition by user_key, wrapped_year
            order by listen_count desc, listening_ms desc, track_key asc
        ) as track_rank,
        listen_count,
        listening_ms
    from user_track_years
    where listen_count > 0

),

final as (

    select
        user_key,
        track_key,
        wrapped_year,
        cast(track_rank as integer) as track_rank,
        listen_count,
        {{ minutes_of('listening_ms') }} as minutes
    from ranked
    where track_rank <= {{ var('wrapped_list_length') }}

)

select * from final
