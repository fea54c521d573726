"""Croissant 1.1 metadata (MLCommons) with the RAI vocabulary: the release for tools that load data sets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from troth.canon.canonical import digest_of_file
from troth.release.layout import CROISSANT, EXCLUDED, SHARDS
from troth.release.manifest import Release
from troth.release.rows import EXCLUDED_SCHEMA
from troth.release.sealed_rows import shard_schema
from troth.types.vocabulary import PURPOSE_WORDS

_PARQUET = "application/x-parquet"
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataBiases": "cr:dataBiases",
    "dataCollection": "cr:dataCollection",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "personalSensitiveInformation": "cr:personalSensitiveInformation",
    "rai": "http://mlcommons.org/croissant/RAI/",
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


def write_croissant(release: Release, folder: Path) -> None:
    """Write ``croissant.json``."""
    text = json.dumps(croissant(release, digest_of_file(folder / EXCLUDED)), indent=2, ensure_ascii=False)
    (folder / CROISSANT).write_text(text + "\n", encoding="utf-8")


def croissant(release: Release, excluded_digest: str) -> dict[str, Any]:
    """The metadata as a JSON-LD object."""
    files = [_file(shard.name, shard.sha256) for shard in release.shards]
    files.append(_file(EXCLUDED, excluded_digest.removeprefix("sha256:")))
    sets = [_records("excluded", {"fileObject": {"@id": EXCLUDED}}, EXCLUDED_SCHEMA)]
    if release.shards:
        files.append(
            {
                "@type": "cr:FileSet",
                "@id": SHARDS,
                "name": SHARDS,
                "encodingFormat": _PARQUET,
                "includes": f"{SHARDS}/*.parquet",
            }
        )
        columns = shard_schema(sealed=release.sealed)
        sets.insert(0, _records("records", {"fileSet": {"@id": SHARDS}}, columns))
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": f"{release.terms.name}-{release.purpose}".replace(".", "-"),
        "description": _description(release),
        "version": "1.0.0",
        "datePublished": release.at,
        "citeAs": f"The release of troth {release.software.version} with the inputs {release.inputs_digest}.",
        "license": f"For {release.purpose} only, under {release.terms.name} {release.terms.digest}",
        "distribution": files,
        "recordSet": sets,
        **_responsible(release),
    }


def _description(release: Release) -> str:
    purpose = PURPOSE_WORDS.get(release.purpose, release.purpose)
    return (
        f"{release.counts.released} records of {release.statistics.conversations} conversations"
        f" that may be used for {purpose} at {release.at} under the terms {release.terms.name}."
    )


def _responsible(release: Release) -> dict[str, Any]:
    """The RAI part: where it comes from, what was done, and what it must be used for."""
    made = release.filter
    filtered = f"filtered with {made.name} for {', '.join(made.clauses)}" if made.required else "not filtered"
    largest = release.statistics.contributors.largest_10
    months = list(release.statistics.months)
    return {
        "rai:dataCollection": "Conversations of people with the products of whoever published the terms.",
        "rai:dataCollectionType": ["Others"],
        "rai:dataCollectionTimeframe": [months[0], months[-1]] if months else [],
        "rai:dataUseCases": [release.purpose],
        "rai:dataBiases": [f"The 10 accounts with the most records hold {largest:.2%} of them."],
        "rai:dataLimitations": [f"Choices made after {release.history.as_of} are not in it."],
        "rai:personalSensitiveInformation": [f"People's own words; {filtered}."],
        "rai:dataReleaseMaintenancePlan": "Never changed; each row must be gone from its keep_until on.",
    }


def _file(name: str, sha256: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "encodingFormat": _PARQUET,
        "sha256": sha256,
    }


def _records(name: str, source: dict[str, Any], schema: pa.Schema) -> dict[str, Any]:
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"{name}/{column.name}",
            "name": column.name,
            "dataType": _data_type(column.type),
            "source": {**source, "extract": {"column": column.name}},
        }
        for column in schema
    ]
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "key": {"@id": f"{name}/record"},
        "field": fields,
    }


def _data_type(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "sc:DateTime"
    return "sc:Integer" if pa.types.is_integer(kind) else "sc:Text"
