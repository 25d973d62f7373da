{#- A bin that has so many listeners gives that many, though another may have fewer. -#}
{%- set least_per_bin = 10 -%}

with

activity as (

    select * from {{ ref('int_realism_activity') }}

),

activity_bins as (

    select * from {{ ref('reference_activity') }}

),

bins as (

    select
        activity_bins.activity_bin,
        activity_bins.plays_per_day_low,
        count(activity.user_key) as user_count
    from activity_bins
    left join activity
        on activity_bins.activity_bin = activity.activity_bin
    group by activity_bins.activity_bin, activity_bins.plays_per_day_low

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
    from bins

),

final as (

    select
        bins.activity_bin,
        bins.plays_per_day_low,
        wanted.wanted_count,
        least(bins.user_count, wanted.wanted_count) as matched_count
    from bins
    cross join wanted

)

select * from final
