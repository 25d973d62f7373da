{#- Transitions in a row that are a repeated run, and plays of one artist that are a long run. -#}
{%- set least_run = 3 -%}
{#- Plays, and changes of track among them, that a run of one artist takes. -#}
{%- set artist_runs = [(3, 3), (8, 6)] -%}

with

plays as (

    select
        *,
        not is_session_start and track_key <> previous_track_key as is_transition,
        is_session_start or artist_key <> previous_artist_key as is_artist_change,
        is_session_start or track_key <> previous_track_key as is_track_change
    from {{ ref('int_realism_plays') }}
    where is_matched

),

{#- From one track to another in a session: was the pair heard before in this order? #}

transitions as (

    select
        user_key,
        window_days,
        user_position,
        row_number() over (
            partition by user_key, window_days, previous_track_key, track_key
            order by user_position
        ) > 1 as is_repeated
    from plays
    where is_transition

),

{#- In a run, position less rank is the same. #}

repeated_transitions as (

    select
        user_key,
        window_days,
        user_position - row_number() over (
            partition by user_key, window_days
            order by user_position
        ) as run_key
    from transitions
    where is_repeated

),

repeated_runs as (

    select
        user_key,
        window_days,
        run_key,
        count(*) as transition_count
    from repeated_transitions
    group by user_key, window_days, run_key

),

user_repeated_runs as (

    select
        user_key,
        window_days,
        max(transition_count) as longest_repeated_run,
        sum(case when transition_count >= {{ least_run }} then transition_count else 0 end)
            as long_run_transition_count
    from repeated_runs
    group by user_key, window_days

),

user_transitions as (

    select
        user_key,
        window_days,
        count(*) as transition_count,
        {{ share_of('is_repeated', at_least=30) }} as transition_repeats_earlier_share
    from transitions
    group by user_key, window_days

),

in_artist_runs as (

    select
        *,
        sum(cast(is_artist_change as integer)) over (
            partition by user_key, window_days
            order by user_position
            rows between unbounded preceding and current row
        ) as run_key
    from plays

),

artist_runs as (

    select
        user_key,
        window_days,
        run_key,
        count(*) as play_count,
        count(*) filter (where is_track_change) as track_count,
        count(*) filter (
            where is_track_change and previous_hearing_position >= session_first_position
        ) as again_count
    from in_artist_runs
    group by user_key, window_days, run_key

),

user_artist_runs as (

    select
        user_key,
        window_days,
        {% for plays, changes in artist_runs %}
            cast(
                sum(
                    case
                        when play_count >= {{ plays }} and track_count >= {{ changes }}
                            then play_count
                        else 0
                    end
                ) as double
            ) / sum(play_count) as artist_runs_of_{{ plays }}_share,
        {% endfor %}
        cast(sum(again_count) as double) / sum(play_count) as track_again_in_session_share
    from artist_runs
    group by user_key, window_days

),

sequences as (

    select
        user_artist_runs.*,
        user_transitions.transition_repeats_earlier_share,
        coalesce(user_repeated_runs.longest_repeated_run, 0) as longest_repeated_run,
        cast(coalesce(user_repeated_runs.long_run_transition_count, 0) as double)
        / user_transitions.transition_count as transitions_in_repeated_runs_of_3_share
    from user_artist_runs
    left join user_transitions
        on
            user_artist_runs.user_key = user_transitions.user_key
            and user_artist_runs.window_days = user_transitions.window_days
    left join user_repeated_runs
        on
            user_artist_runs.user_key = user_repeated_runs.user_key
            and user_artist_runs.window_days = user_repeated_runs.window_days

)

{{ statistic_rows('sequences', [
    'transition_repeats_earlier_share',
    'longest_repeated_run',
    'transitions_in_repeated_runs_of_3_share',
    'artist_runs_of_3_share',
    'artist_runs_of_8_share',
    'track_again_in_session_share',
]) }}
