with

user_track_years as (

    select * from {{ ref('int_user_track_years') }}

),

top_tracks as (

    {{ top_list('user_track_years', ['user_key', 'wrapped_year'], 'track_key') }}

),

final as (

    select
        user_key,
        track_key,
        wrapped_year,
        list_rank as track_rank,
        listen_count,
        {{ minutes_of('listening_ms') }} as minutes
    from top_tracks

)

select * from final
