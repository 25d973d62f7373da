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

user_windows as (

    select *
    from {{ ref('int_realism_user_windows') }}
    where is_like_reference

),

so_far as (

    select
        user_windows.user_key,
        user_windows.window_days,
        plays.user_position - user_windows.first_position + 1 as play_count,
        count(
            case
                when coalesce(plays.previous_track_position, 0) < user_windows.first_position
                    then 1
            end
        ) over (
            partition by user_windows.user_key, user_windows.window_days
            order by plays.user_position
            rows between unbounded preceding and current row
        ) as track_count
    from plays
    inner join user_windows
        on
            plays.user_key = user_windows.user_key
            and plays.user_position >= user_windows.first_position

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
        sum(cast(round({{ nanos }} * log_plays) as bigint)) / cast({{ nanos }} as double) as x,
        sum(cast(round({{ nanos }} * log_tracks) as bigint)) / cast({{ nanos }} as double) as y,
        sum(cast(round({{ nanos }} * log_plays * log_plays) as bigint))
        / cast({{ nanos }} as double) as xx,
        sum(cast(round({{ nanos }} * log_plays * log_tracks) as bigint))
        / cast({{ nanos }} as double) as xy
    from logarithms
    group by user_key, window_days

),

exponents as (

    select
        user_key,
        window_days,
        round((point_count * xy - x * y) / (point_count * xx - x * x), 6) as heaps_exponent
    from sums
    where point_count > 1

),

final as (

    select
        user_windows.user_key,
        user_windows.window_days,
        user_windows.day_count,
        user_windows.active_day_count,
        user_windows.play_count,
        user_windows.weekend_count,
        user_windows.under_5s_count,
        user_windows.under_10s_count,
        user_windows.skip_count,
        user_windows.follower_count,
        user_windows.same_track_count,
        user_windows.same_artist_count,
        user_windows.after_skip_count,
        user_windows.skip_after_skip_count,
        user_windows.after_play_count,
        user_windows.skip_after_play_count,
        exponents.heaps_exponent
    from user_windows
    left join exponents
        on
            user_windows.user_key = exponents.user_key
            and user_windows.window_days = exponents.window_days

)

select * from final
