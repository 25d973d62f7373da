-- An alias that is not written as genres are compared would never be found.
select alias
from {{ ref('genre_aliases') }}
where alias <> {{ folded_genre('alias') }}
