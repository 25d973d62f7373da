{#- Ten terms, then the Euler-Maclaurin formula for the rest: ten digits from exponent 1.01 on. -#}
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
