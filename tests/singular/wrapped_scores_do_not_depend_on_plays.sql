select
    scores.dimension,
    scores.wrapped_year,
    corr(scores.adjusted_behaviour, cast(behaviours.log_play_count as double)) as correlation
from {{ ref('int_user_personality_scores') }} as scores
inner join {{ ref('int_user_behaviours') }} as behaviours
    on
        scores.user_key = behaviours.user_key
        and scores.dimension = behaviours.dimension
        and scores.wrapped_year = behaviours.wrapped_year
group by scores.dimension, scores.wrapped_year
having
    count(*) > 2
    and min(scores.adjusted_behaviour) < max(scores.adjusted_behaviour)
    and min(behaviours.log_play_count) < max(behaviours.log_play_count)
    and abs(corr(scores.adjusted_behaviour, cast(behaviours.log_play_count as double))) > 0.0001
