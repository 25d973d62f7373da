{#- Rows are checked as they are written, whatever the file format. -#}
{% macro spark__persist_constraints(relation, model) %}
{% endmacro %}
