with

activity as (

    select * from {{ ref('int_realism_activity') }}

),

bins as (

    select * from {{ ref('int_realism_bins') }}

),

{#- The order is that of a multiplicative hash (Knuth, The Art of Computer Programming, 6.4). #}

hashed as (

    select
        user_key,
        activity_bin,
        mod(user_key * cast(2654435761 as bigint), 4294967296) as user_hash
    from activity

),

ranked as (

    select
        user_key,
        activity_bin,
        row_number() over (order by user_hash) as user_rank,
        row_number() over (partition by activity_bin order by user_hash) as bin_rank
    from hashed

),

chosen as (

    select
        ranked.user_key,
        ranked.user_rank <= {{ var('realism_listeners') }} as is_sampled,
        coalesce(ranked.bin_rank <= bins.matched_count, false) as is_matched
    from ranked
    left join bins
        on ranked.activity_bin = bins.activity_bin

),

final as (

    select *
    from chosen
    where is_sampled or is_matched

)

select * from final
