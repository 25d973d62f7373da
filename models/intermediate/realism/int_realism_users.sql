{#- The order is that of a multiplicative hash (Knuth, The Art of Computer Programming, 6.4). -#}

with

users as (

    select * from {{ ref('dim_users') }}

),

ranked_users as (

    select
        user_key,
        row_number() over (
            order by mod(user_key * cast(2654435761 as bigint), 4294967296)
        ) as user_rank
    from users

),

sampled_users as (

    select user_key
    from ranked_users
    where user_rank <= {{ var('realism_listeners') }}

)

select * from sampled_users
