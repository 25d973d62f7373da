"""`croissant.json` of a folder of exports: its metadata as JSON-LD, in the Croissant vocabulary.

Source: the Croissant format specification 1.0, https://docs.mlcommons.org/croissant/docs/.
"""

import json
from typing import Any

from playback.products.keys import KEYS, reference
from playback.products.manifest import DataFile, Manifest, ShippedColumn

NAME = "croissant.json"

_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The context that the specification prescribes."""

_MEDIA_TYPES = {
    "csv": "text/csv",
    "parquet": "application/x-parquet",
    "avro": "application/vnd.apache.avro",
}
_DATA_TYPES = {
    "VARCHAR": "sc:Text",
    "BOOLEAN": "sc:Boolean",
    "INTEGER": "sc:Integer",
    "BIGINT": "sc:Integer",
    "DOUBLE": "sc:Float",
    "DATE": "sc:Date",
    "TIMESTAMP": "sc:DateTime",
    "TIMESTAMP WITH TIME ZONE": "sc:DateTime",
}
"""Every type that a column may leave as."""


def text(manifest: Manifest, summary: str) -> str:
    """The metadata of an export, as JSON-LD."""
    dataset: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": manifest.title.lower().replace(" ", "-"),
        "description": f"{summary} Simulated by Playback, seed {manifest.seed}.",
        "version": manifest.version,
        "isLiveDataset": False,
        "keywords": ["music", "listening history", "recommender systems", "synthetic data"],
        "distribution": [
            *(_file_object(entry) for entry in manifest.files),
            *(_file_set(manifest, name) for name in manifest.tables if _is_cut(manifest, name)),
        ],
        "recordSet": [_record_set(manifest, name) for name in manifest.tables],
    }
    if manifest.catalogue == "synthetic":
        dataset["license"] = "https://creativecommons.org/publicdomain/zero/1.0/"
    if manifest.window:
        dataset["temporalCoverage"] = f"{manifest.window.since}/{manifest.window.until}"
    return json.dumps(dataset, indent=2, ensure_ascii=False) + "\n"


def _file_object(entry: DataFile) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": entry.file,
        "name": entry.file,
        "contentUrl": entry.file,
        "contentSize": f"{entry.bytes} B",
        "encodingFormat": _MEDIA_TYPES[entry.file.rpartition(".")[2]],
        "sha256": entry.sha256,
    }


def _file_set(manifest: Manifest, name: str) -> dict[str, Any]:
    """The parts of a table: its folder, and as many levels as there are below it."""
    one = _files(manifest, name)[0]
    suffix = one.rpartition(".")[2]
    return {
        "@type": "cr:FileSet",
        "@id": _set_id(name),
        "name": _set_id(name),
        "encodingFormat": _MEDIA_TYPES[suffix],
        "includes": f"{name}/{'*/' * (one.count('/') - 1)}*.{suffix}",
    }


def _record_set(manifest: Manifest, name: str) -> dict[str, Any]:
    table = manifest.tables[name]
    if _is_cut(manifest, name):
        source = {"fileSet": {"@id": _set_id(name)}}
    else:
        source = {"fileObject": {"@id": _files(manifest, name)[0]}}
    described: dict[str, Any] = {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": table.description,
        "field": [_field(manifest, name, column, source) for column in table.columns],
    }
    key = KEYS.get(name, ())
    if key and set(key) <= {column.name for column in table.columns}:
        described["key"] = [{"@id": f"{name}/{column}"} for column in key]
    return described


def _field(
    manifest: Manifest, table: str, column: ShippedColumn, source: dict[str, Any]
) -> dict[str, Any]:
    field: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{table}/{column.name}",
        "name": column.name,
        "description": column.description,
        "dataType": _DATA_TYPES[column.type],
        "source": source | {"extract": {"column": column.name}},
    }
    target = reference(table, column.name, manifest.tables)
    if target:
        field["references"] = {"field": {"@id": "/".join(target)}}
    return field


def _files(manifest: Manifest, name: str) -> list[str]:
    return [entry.file for entry in manifest.files if entry.table == name]


def _is_cut(manifest: Manifest, name: str) -> bool:
    return "/" in _files(manifest, name)[0]


def _set_id(name: str) -> str:
    return f"{name}-parts"
