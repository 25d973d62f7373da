with

dim_users as (

    select * from {{ ref('dim_users') }}

),

final as (

    select
        user_id,
        user_type,
        activity_level
    from dim_users

)

select * from final
