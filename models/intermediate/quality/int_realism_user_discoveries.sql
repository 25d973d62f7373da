{#-
    Heaps' law: ln(distinct tracks so far) grows on a line with ln(plays so far), which starts at the
    20th play. Logarithms are summed in whole nanos: such a sum does not depend on its order.
-#}
{%- set first_play = 20 -%}
{%- set nanos = 1000000000 -%}

with

plays as (

    select * from {{ ref('int_realism_plays') }}

),

windows as (

    select * from {{ ref('int_realism_windows') }}

),

user_windows as (

    select
        user_windows.user_key,
        user_windows.window_days,
        windows.window_starts_on
    from {{ ref('int_realism_user_windows') }} as user_windows
    inner join windows
        on user_windows.window_days = windows.window_days
    where user_windows.is_like_reference

),

window_plays as (

    select
        user_windows.user_key,
        user_windows.window_days,
        plays.user_position,
        plays.previous_track_position,
        min(plays.user_position) over (
            partition by user_windows.user_key, user_windows.window_days
        ) as first_position
    from plays
    inner join user_windows
        on
            plays.user_key = user_windows.user_key
            and plays.ended_on >= user_windows.window_starts_on

),

so_far as (

    select
        user_key,
        window_days,
        user_position - first_position + 1 as play_count,
        count(
            case
                when coalesce(previous_track_position, 0) < first_position then 1
            end
        ) over (
            partition by user_key, window_days
            order by user_position
            rows between unbounded preceding and current row
        ) as track_count
    from window_plays

),

logarithms as (

    select
        user_key,
        window_days,
        ln(play_count / cast({{ first_play }} as double)) as log_plays,
        ln(track_count) as log_tracks
    from so_far
    where play_count >= {{ first_play }}

),

sums as (

    select
        user_key,
        window_days,
        count(*) as point_count,
        sum(cast({{ nanos }} * log_plays as bigint)) / cast({{ nanos }} as double) as x,
        sum(cast({{ nanos }} * log_tracks as bigint)) / cast({{ nanos }} as double) as y,
        sum(cast({{ nanos }} * log_plays * log_plays as bigint)) / cast({{ nanos }} as double)
            as xx,
        sum(cast({{ nanos }} * log_plays * log_tracks as bigint)) / cast({{ nanos }} as double)
            as xy
    from logarithms
    group by user_key, window_days

),

final as (

    select
        user_key,
        window_days,
        round((point_count * xy - x * y) / (point_count * xx - x * x), 6) as heaps_exponent
    from sums
    where point_count > 1

)

select * from final
