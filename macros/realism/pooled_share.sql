{% macro pooled_share(part, whole) -%}
    cast(sum({{ part }}) as double) / nullif(sum({{ whole }}), 0)
{%- endmacro %}
{#-
    The standard error of a ratio of two sums over listeners, who may have much of it or little:
    Cochran, Sampling Techniques, 6.4. Sums are of whole numbers: the same in whatever order.
-#}
{% macro pooled_share_error(part, whole) -%}
    {%- set share = pooled_share(part, whole) -%}
    case
        when count({{ whole }}) > 1
            then
                sqrt(
                    greatest(
                        sum({{ part }} * {{ part }})
                        - 2 * {{ share }} * sum({{ part }} * {{ whole }})
                        + {{ share }} * {{ share }} * sum({{ whole }} * {{ whole }}),
                        0
                    )
                    * count({{ whole }}) / (count({{ whole }}) - 1)
                )
                / nullif(sum({{ whole }}), 0)
    end
{%- endmacro %}
