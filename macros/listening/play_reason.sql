{% macro play_reason(code, unit) -%}
    {{ part_of_code(code, unit, 16, [
        "'trackdone'", "'fwdbtn'", "'backbtn'", "'playbtn'", "'clickrow'", "'appload'",
        "'remote'", "'trackerror'", "'endplay'", "'logout'", "'unexpected-exit'",
        "'unexpected-exit-while-paused'", "'other'"
    ]) }}
{%- endmacro %}
