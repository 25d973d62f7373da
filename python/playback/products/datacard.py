"""`README.md` of a folder of exports: what is in it, for whoever finds the folder."""

from typing import Any

import yaml

from playback.products.manifest import Manifest, ShippedColumn, ShippedTable, Window

NAME = "README.md"

_READ = {
    "csv": "pandas.read_csv({file!r})",
    "avro": "polars.read_avro({file!r})",
    "parquet": "polars.read_parquet({file!r})",
}

_HUGGING_FACE_TYPES = {
    "VARCHAR": "string",
    "BOOLEAN": "bool",
    "INTEGER": "int32",
    "BIGINT": "int64",
    "DOUBLE": "float64",
    "DATE": "date32",
    "TIMESTAMP": "timestamp[us]",
    "TIMESTAMP WITH TIME ZONE": "timestamp[us, tz=UTC]",
}
_HUGGING_FACE_READS = ("csv", "parquet")
"""Their library reads a folder as one of these, the first that there is, and no Avro."""


def text(manifest: Manifest, summary: str) -> str:
    """The data card of an export, as Markdown with the front matter that Hugging Face reads."""
    return "\n".join(
        [
            "---",
            yaml.safe_dump(_front_matter(manifest), sort_keys=False, allow_unicode=True).strip(),
            "---",
            "",
            f"# {manifest.title}",
            "",
            summary,
            "",
            "The listeners and their plays are simulated: nobody's private life is in them. "
            + _origin(manifest),
            "",
            "## World",
            "",
            "| | |",
            "|---|---|",
            *(f"| {what} | {value} |" for what, value in _facts(manifest)),
            "",
            "## Files",
            "",
            "| table | files | rows | bytes | plays of |",
            "|---|---|---:|---:|---|",
            *(_files(manifest, name) for name in manifest.tables),
            "",
            "`manifest.json` has the size and SHA-256 of each file, `croissant.json` the same for "
            "machines (Croissant, JSON-LD).",
            "",
            "```python",
            *_reading(manifest),
            "```",
            "",
            "## Conventions",
            "",
            "- Every moment is UTC. Durations are milliseconds; shares, scores and popularity lie "
            "between 0 and 1.",
            "- Rows are ordered: plays by their moment (in a folder per month, by `event_id`), the "
            "largest marts by their key, other tables by their columns from left to right. The "
            "same world makes the same bytes.",
            "- Ids are text and join the tables of this folder. Keys (`…_key`) are whole numbers "
            "from 0 on that join the marts.",
            "- A play is in a window if its moment is (`timestamp`, in `fct_plays` `ended_at`).",
            "",
            "## Columns",
            *(line for name, table in manifest.tables.items() for line in _columns(name, table)),
            "",
            "## Limits",
            "",
            "Simulated listening has the laws that its preset was fitted to, and no others: what a "
            "model learns from it says nothing of real people. What is called an affinity was "
            "drawn by the simulator before anyone played: it is the truth, not an observation.",
            "",
        ]
    )


def _front_matter(manifest: Manifest) -> dict[str, Any]:
    """What makes the folder a dataset of Hugging Face: a configuration per table it can read."""
    front: dict[str, Any] = {
        "pretty_name": manifest.title,
        "license": "cc0-1.0" if manifest.catalogue == "synthetic" else "other",
        "tags": ["music", "listening-history", "recommender-systems", "synthetic"],
    }
    suffixes = {name: _suffix(manifest, name) for name in manifest.tables}
    read = next((it for it in _HUGGING_FACE_READS if it in suffixes.values()), None)
    names = [name for name, suffix in suffixes.items() if suffix == read]
    if names:
        front["configs"] = [_configuration(manifest, name) for name in names]
        front["dataset_info"] = [
            {
                "config_name": name,
                "features": [_feature(column) for column in manifest.tables[name].columns],
            }
            for name in names
        ]
    return front


def _configuration(manifest: Manifest, name: str) -> dict[str, Any]:
    files = [entry.file for entry in manifest.files if entry.table == name]
    suffix = _suffix(manifest, name)
    path = files[0] if "/" not in files[0] else f"{name}/**/*.{suffix}"
    configuration: dict[str, Any] = {
        "config_name": name,
        "data_files": [{"split": "train", "path": path}],
    }
    if suffix == "csv":
        configuration["keep_default_na"] = False  # a song may be called "None"
    return configuration


def _feature(column: ShippedColumn) -> dict[str, str]:
    return {"name": column.name, "dtype": _HUGGING_FACE_TYPES[column.type]}


def _suffix(manifest: Manifest, name: str) -> str:
    return next(entry.file for entry in manifest.files if entry.table == name).rpartition(".")[2]


def _origin(manifest: Manifest) -> str:
    if manifest.catalogue == "synthetic":
        return "The catalogue is made up as well; names that exist are coincidence."
    return (
        "The catalogue is real and comes from files of others: their terms go for the names, ids "
        "and features of tracks and artists."
    )


def _facts(manifest: Manifest) -> list[tuple[str, str]]:
    return [
        ("Playback", manifest.version),
        ("seed", str(manifest.seed)),
        ("preset", manifest.preset or f"unnamed ({manifest.preset_hash})"),
        ("catalogue", manifest.catalogue),
        ("window", _days(manifest.window)),
    ]


def _files(manifest: Manifest, name: str) -> str:
    files = [entry for entry in manifest.files if entry.table == name]
    where = f"`{files[0].file}`"
    if len(files) > 1:
        where = f"{len(files)} files, `{files[0].file}` to `{files[-1].file}`"
    size = sum(entry.bytes for entry in files)
    table = manifest.tables[name]
    return f"| `{name}` | {where} | {table.rows:,} | {size:,} | {_days(table.window)} |"


def _reading(manifest: Manifest) -> list[str]:
    examples = {entry.file.rpartition(".")[2]: entry.file for entry in reversed(manifest.files)}
    calls = [_READ[suffix].format(file=file) for suffix, file in sorted(examples.items())]
    libraries = sorted({call.partition(".")[0] for call in calls})
    return [*(f"import {library}" for library in libraries), "", *calls]


def _columns(name: str, table: ShippedTable) -> list[str]:
    return [
        "",
        f"### {name}",
        "",
        table.description,
        "",
        "| column | type | |",
        "|---|---|---|",
        *(
            f"| `{column.name}` | {column.type.lower()} | {_cell(column.description)} |"
            for column in table.columns
        ),
    ]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _days(window: Window | None) -> str:
    return f"{window.since} to {window.until}" if window else "nothing played"
