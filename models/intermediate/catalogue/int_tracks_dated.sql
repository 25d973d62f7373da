with

tracks as (

    select
        track_key,
        trim(release_date_text) as release_date_text
    from {{ ref('stg_catalogue__tracks') }}

),

measured as (

    select
        track_key,
        release_date_text,
        case
            when release_date_text like '____' then 'year'
            when release_date_text like '____-__' then 'month'
            when release_date_text like '____-__-__' then 'day'
        end as release_precision
    from tracks

),

dated as (

    select
        track_key,
        release_precision,
        case release_precision
            when 'year' then try_cast(concat(release_date_text, '-07-02') as date)
            when 'month' then try_cast(concat(release_date_text, '-16') as date)
            when 'day' then try_cast(release_date_text as date)
        end as released_on
    from measured

),

plausible as (

    select
        track_key,
        release_precision,
        released_on
    from dated
    -- nothing was recorded before 1860, and the simulated calendar ends in 2100
    where extract(year from released_on) between 1860 and 2100

)

select * from plausible
