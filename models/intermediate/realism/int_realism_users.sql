{#- Histories of the reference cover at least this much of the year they were taken from. -#}
{%- set least_days, year_days = 150, 365 -%}
{#- A bin that has so many listeners gives that many, though another may have fewer. -#}
{%- set least_per_bin = 10 -%}

with

half_hours as (

    select * from {{ ref('agg_user_half_hours') }}

),

year_window as (

    select *
    from {{ ref('int_realism_windows') }}
    where window_days = {{ year_days }}

),

activity_bins as (

    select * from {{ ref('reference_activity') }}

),

counted as (

    select
        half_hours.user_key,
        year_window.day_count,
        cast(sum(half_hours.play_count) as bigint) as play_count,
        year_window.window_starts_on,
        year_window.window_ends_on,
        min(cast(half_hours.ended_at as date)) as first_played_on,
        max(cast(half_hours.ended_at as date)) as last_played_on
    from half_hours
    inner join year_window
        on
            cast(half_hours.ended_at as date)
            between year_window.window_starts_on and year_window.window_ends_on
    group by
        half_hours.user_key,
        year_window.day_count,
        year_window.window_starts_on,
        year_window.window_ends_on

),

spans as (

    select
        *,
        {{ dbt.datediff('first_played_on', 'last_played_on', 'day') }}
        + 1 as history_day_count
    from counted

),

{#- In a shorter calendar, the same part of what there is. #}

in_bins as (

    select
        spans.user_key,
        spans.day_count,
        spans.play_count,
        spans.window_starts_on,
        spans.window_ends_on,
        activity_bins.activity_bin
    from spans
    left join activity_bins
        on
            spans.play_count >= activity_bins.plays_per_day_low * spans.history_day_count
            and spans.play_count < activity_bins.plays_per_day_high * spans.history_day_count
            and spans.history_day_count * {{ year_days }} >= {{ least_days }} * spans.day_count

),

bin_sizes as (

    select
        activity_bins.activity_bin,
        count(in_bins.user_key) as user_count
    from activity_bins
    left join in_bins
        on activity_bins.activity_bin = in_bins.activity_bin
    group by activity_bins.activity_bin

),

{#- As many from each bin: what the smallest has, within what is asked for over all. #}

wanted as (

    select
        cast(
            least(
                ceil({{ var('realism_listeners') }} / cast(count(*) as double)),
                greatest(min(user_count), {{ least_per_bin }})
            ) as bigint
        ) as wanted_count
    from bin_sizes

),

{#- The order is that of a multiplicative hash (Knuth, The Art of Computer Programming, 6.4). #}

hashed as (

    select
        *,
        mod(user_key * cast(2654435761 as bigint), 4294967296) as user_hash
    from in_bins

),

ranked as (

    select
        *,
        row_number() over (order by user_hash) as user_rank,
        row_number() over (partition by activity_bin order by user_hash) as bin_rank
    from hashed

),

final as (

    select
        ranked.user_key,
        ranked.day_count,
        ranked.play_count,
        ranked.activity_bin,
        wanted.wanted_count,
        ranked.user_rank <= {{ var('realism_listeners') }} as is_sampled,
        ranked.activity_bin is not null and ranked.bin_rank <= wanted.wanted_count as is_matched,
        ranked.window_starts_on,
        ranked.window_ends_on
    from ranked
    cross join wanted

)

select * from final
