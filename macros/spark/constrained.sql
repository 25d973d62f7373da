{% macro constrained(sql) -%}
    {%- set checks = [] -%}
    {%- for constraint in model.constraints if constraint.type == 'check' -%}
        {%- do checks.append(constraint.expression) -%}
    {%- endfor -%}
    {%- for column in model.columns.values() -%}
        {%- for constraint in column.constraints -%}
            {%- do checks.append(
                constraint.expression if constraint.type == 'check' else column.name ~ ' is not null'
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    select *
    from (
        {{ sql }}
    ) as unconstrained
    {%- if checks %}
    where
        case
            {%- for check in checks %}
            when not ({{ check }})
                then raise_error('{{ this }}: {{ dbt.escape_single_quotes(check | trim) }}')
            {%- endfor %}
            else true
        end
    {%- endif %}
{%- endmacro %}
