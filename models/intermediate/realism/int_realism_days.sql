{#- Plays that a week's most played track is a share of, at least. -#}
{%- set least_week_plays = 30 -%}
{%- set digits = 6 -%}

with

plays as (

    select *
    from {{ ref('int_realism_plays') }}
    where is_matched

),

histories as (

    select
        user_key,
        window_days,
        min(ended_on) as first_played_on,
        max(ended_on) as last_played_on
    from plays
    group by user_key, window_days

),

{#- Days and weeks are counted from the listener's first day, and weeks are whole. #}

numbered_days as (

    select
        plays.user_key,
        plays.window_days,
        plays.track_key,
        {{ dbt.datediff('histories.first_played_on', 'plays.ended_on', 'day') }}
            as day_number,
        {{ dbt.datediff('histories.first_played_on', 'histories.last_played_on', 'day') }}
        + 1 as day_count
    from plays
    inner join histories
        on
            plays.user_key = histories.user_key
            and plays.window_days = histories.window_days

),

track_days as (

    select
        user_key,
        window_days,
        track_key,
        day_number,
        day_count,
        count(*) as play_count
    from numbered_days
    group by user_key, window_days, track_key, day_number, day_count

),

track_weeks as (

    select
        user_key,
        window_days,
        track_key,
        cast(floor(day_count / cast(7 as double)) as bigint) as week_count,
        cast(floor(day_number / cast(7 as double)) as bigint) as week_number,
        cast(sum(play_count) as bigint) as play_count
    from track_days
    where day_number < 7 * floor(day_count / cast(7 as double))
    group by
        user_key,
        window_days,
        track_key,
        cast(floor(day_count / cast(7 as double)) as bigint),
        cast(floor(day_number / cast(7 as double)) as bigint)

),

periods as (

    select
        user_key,
        window_days,
        'day' as period,
        day_count as period_count,
        day_number as period_number,
        cast(sum(play_count) as bigint) as play_count,
        max(play_count) as top_track_play_count
    from track_days
    group by user_key, window_days, day_count, day_number
    union all
    select
        user_key,
        window_days,
        'week' as period,
        week_count as period_count,
        week_number as period_number,
        cast(sum(play_count) as bigint) as play_count,
        max(play_count) as top_track_play_count
    from track_weeks
    group by user_key, window_days, week_count, week_number

),

{#- A period without a play has no row, so that the row before may be of another than the last. #}

beside_previous as (

    select
        *,
        case
            when play_count >= {{ least_week_plays }}
                then cast(top_track_play_count as double) / play_count
        end as top_share,
        period_number - lag(period_number) over listener as step,
        lag(play_count) over listener as previous_play_count
    from periods
    window listener as (
        partition by user_key, window_days, period
        order by period_number
    )

),

sums as (

    select
        user_key,
        window_days,
        period,
        cast(max(period_count) as double) as period_count,
        cast(sum(play_count) as double) as plays,
        cast(sum(play_count * play_count) as double) as squares,
        cast(sum(case when step = 1 then play_count * previous_play_count else 0 end) as double)
            as products,
        cast(sum(case when period_number = 0 then play_count else 0 end) as double)
            as first_plays,
        cast(sum(case when period_number = period_count - 1 then play_count else 0 end) as double)
            as last_plays,
        max(step) - 1 as longest_inactive,
        {{ quantile('top_share', 0.5) }} as top_track_share_median,
        max(top_share) as top_track_share_max
    from beside_previous
    group by user_key, window_days, period

),

{#- Pearson's correlation of all periods but the last with all but the first, from whole numbers. #}

pair_sums as (

    select
        *,
        (period_count - 1) * products - (plays - last_plays) * (plays - first_plays) as covariance,
        (period_count - 1) * (squares - last_plays * last_plays)
        - (plays - last_plays) * (plays - last_plays) as variance_before,
        (period_count - 1) * (squares - first_plays * first_plays)
        - (plays - first_plays) * (plays - first_plays) as variance_after
    from sums

),

by_period as (

    select
        *,
        (squares - plays * plays / period_count) / plays as fano,
        case
            when variance_before > 0 and variance_after > 0
                then
                    round(
                        covariance / (sqrt(variance_before) * sqrt(variance_after)),
                        {{ digits }}
                    )
        end as autocorrelation
    from pair_sums

),

days as (

    select
        days.user_key,
        days.window_days,
        days.fano as daily_plays_fano,
        days.autocorrelation as daily_plays_autocorrelation_1,
        coalesce(days.longest_inactive, 0) as longest_inactive_days,
        weeks.autocorrelation as weekly_plays_autocorrelation_1,
        weeks.top_track_share_median as top_track_of_week_share_median,
        weeks.top_track_share_max as top_track_of_week_share_max
    from by_period as days
    left join by_period as weeks
        on
            days.user_key = weeks.user_key
            and days.window_days = weeks.window_days
            and weeks.period = 'week'
    where days.period = 'day'

)

{{ statistic_rows('days', [
    'daily_plays_fano',
    'daily_plays_autocorrelation_1',
    'longest_inactive_days',
    'weekly_plays_autocorrelation_1',
    'top_track_of_week_share_median',
    'top_track_of_week_share_max',
]) }}
