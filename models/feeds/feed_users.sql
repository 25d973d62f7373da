with

dim_users as (

    select * from {{ ref('dim_users') }}

),

final as (

    select
        user_id,
        username,
        location,
        born_on as birthdate,
        gender
    from dim_users

)

select * from final
