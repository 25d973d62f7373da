"""`docs/metrics.md`: the metrics of the semantic layer, and what they can be grouped by."""

from docs.generator.manifest import Manifest, Node, model_of
from docs.generator.markdown import page, table

INTRODUCTION = """
Each metric is defined once, in YAML beside the marts, and MetricFlow writes the SQL for whatever it
is asked by. `make run` installs it; elsewhere it is
`pip install --constraint constraints.txt --editable '.[metrics]'`.

```sh
source .venv/bin/activate
mf list metrics
mf query --metrics plays,skip_rate --group-by metric_time__month,user__user_type
mf query --metrics minutes --group-by genre__genre_name --order -minutes --limit 5
mf query --metrics listeners --group-by metric_time --start-time 2024-03-01 --end-time 2024-03-07
```

After a change of the YAML, `dbt parse` tells `mf` of it, and of another database too: `mf` asks the
one that `PLAYBACK_DATABASE` named when `dbt parse` ran. `--explain` shows the SQL. `metric_time`
is the day of a play's end or a session's beginning (UTC); `__week`, `__month`, `__quarter` and
`__year` follow it. `mf` looks for a newer version of itself on the network each time, and works
without.
"""


def metrics(manifest: Manifest) -> str:
    """The page."""
    dimensions = [
        (f"`{entity}__{dimension['name']}`", model_of(semantic_model))
        for semantic_model in manifest.semantic_models
        for entity in _keys(semantic_model)
        for dimension in semantic_model["dimensions"]
        if dimension["type"] == "categorical"
    ]
    return page(
        "Metrics",
        INTRODUCTION,
        "## What is measured",
        table(
            ("metric", "kind", "definition"),
            [
                (f"`{metric['name']}`", metric["type"], metric["description"])
                for metric in manifest.metrics
            ],
        ),
        "## What it can be grouped by",
        table(("dimension", "from"), sorted(dimensions)),
    )


def _keys(semantic_model: Node) -> list[str]:
    """Entities whose dimensions the semantic model holds, for all time or for a stretch of it."""
    return [
        entity["name"]
        for entity in semantic_model["entities"]
        if entity["type"] in ("primary", "natural")
    ]
