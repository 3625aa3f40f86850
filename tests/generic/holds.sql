{#- A row returned is one for which the statement does not hold; null counts as holding. -#}
{% test holds(model, statement) %}
select *
from {{ model }}
where not ({{ statement }})
{% endtest %}
