with

statistics as (

    select * from {{ ref('int_realism_habits') }}
    union all
    select * from {{ ref('int_realism_session_habits') }}
    union all
    select * from {{ ref('int_realism_repertoires') }}
    union all
    select * from {{ ref('int_realism_tastes') }}

)

select * from statistics
