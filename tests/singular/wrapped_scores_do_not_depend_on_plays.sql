select
    dimension,
    wrapped_year,
    corr(adjusted_behaviour, cast(log_play_count as double)) as correlation
from {{ ref('int_user_personality_scores') }}
group by dimension, wrapped_year
having
    count(*) > 2
    and min(adjusted_behaviour) < max(adjusted_behaviour)
    and min(log_play_count) < max(log_play_count)
    and abs(corr(adjusted_behaviour, cast(log_play_count as double))) > 0.0001
