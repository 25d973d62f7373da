{#- Ten terms, then the Euler-Maclaurin formula for the rest: eight digits up to exponent 10. -#}
{% macro hurwitz_zeta(exponent, first) -%}
    {%- for term in range(10) -%}
        power({{ first }} + {{ term }}, -{{ exponent }}) +
    {% endfor -%}
    power({{ first }} + 10, 1 - {{ exponent }}) / ({{ exponent }} - 1)
    + power({{ first }} + 10, -{{ exponent }}) / 2
    + {{ exponent }} * power({{ first }} + 10, -{{ exponent }} - 1) / 12
    - {{ exponent }} * ({{ exponent }} + 1) * ({{ exponent }} + 2)
    * power({{ first }} + 10, -{{ exponent }} - 3) / 720
{%- endmacro %}
