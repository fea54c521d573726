"""The dataset card: what is in the release, for people, with the header that dataset hubs read."""

from __future__ import annotations

from pathlib import Path

from troth.release.layout import CARD, SHARDS
from troth.release.manifest import Release
from troth.release.residual import residual_risk
from troth.types.manner import OTHERS
from troth.types.vocabulary import PURPOSE_WORDS

_SIZES = (
    (10**3, "n<1K"),
    (10**4, "1K<n<10K"),
    (10**5, "10K<n<100K"),
    (10**6, "100K<n<1M"),
    (10**7, "1M<n<10M"),
)


def write_card(release: Release, folder: Path) -> None:
    """Write ``README.md``."""
    (folder / CARD).write_text(card(release), encoding="utf-8")


def card(release: Release) -> str:
    """The text of the card."""
    parts = [_header(release), _opening(release), _table("Counts", _counts(release)), _contents(release)]
    return "\n".join([*parts, _limits(release)])


def _header(release: Release) -> str:
    languages = [code for code in release.statistics.languages.conversations if len(code) == 2]
    size = next((name for most, name in _SIZES if release.counts.released < most), "n>10M")
    lines = ["---", f"pretty_name: {_name(release)}"]
    if languages:
        lines += ["language:", *(f"- '{code}'" for code in sorted(languages))]
    lines += ["size_categories:", f"- {size}", "tags:", "- conversations", "- troth"]
    if release.shards:
        lines += ["configs:", "- config_name: default", "  data_files:", "  - split: train"]
        lines += [f"    path: {SHARDS}/*.parquet"]
    return "\n".join([*lines, "---", ""])


def _name(release: Release) -> str:
    return f"Conversations for {release.purpose} under {release.terms.name}"


def _opening(release: Release) -> str:
    terms, purpose = release.terms, release.purpose
    signed = (
        f"Signed with the key `{release.keyid}`."
        if release.signed
        else "**Unsigned**: anyone could have made it."
    )
    return f"""# {_name(release)}

What may be used for {PURPOSE_WORDS.get(purpose, purpose)} (`{purpose}`) at {release.at} under the terms
`{terms.name}`, version {terms.version or "none in force"} (`{terms.digest}`), given the history
`{release.history.digest}` as of {release.history.as_of}. {signed}

`manifest.json` says how it was made and names every file by its digest. `excluded.parquet` names every
record that went in and did not come out, and why. `troth verify` checks both.
"""


def _counts(release: Release) -> list[tuple[str, str]]:
    counts = release.counts
    left = [(f"{entry.stage}: `{entry.reason}`", f"-{entry.records:,}") for entry in counts.excluded]
    return [
        ("records that went in", f"{counts.input:,}"),
        *left,
        ("**records released**", f"{counts.released:,}"),
    ]


def _contents(release: Release) -> str:
    found = release.statistics
    lines = [
        ("conversations", f"{found.conversations:,}"),
        ("words", f"{found.words:,}"),
        ("text", f"{found.text_bytes:,} bytes"),
        ("media", f"{found.media_records:,} records, {found.media_bytes:,} bytes"),
        ("products", _shares(found.products)),
        ("kinds", _shares(found.kinds)),
        ("roles", _shares(found.roles)),
        ("plans", _shares(found.plans)),
        ("months", _shares(found.months)),
        (f"languages (of {found.languages.sampled:,} conversations)", _shares(found.languages.conversations)),
        ("accounts", f"{found.contributors.accounts:,}"),
        ("records of the largest account", f"{found.contributors.largest_1:.2%}"),
        ("records of the largest 10", f"{found.contributors.largest_10:.2%}"),
        ("records of the largest 100", f"{found.contributors.largest_100:.2%}"),
    ]
    return _table("Contents", lines)


def _limits(release: Release) -> str:
    made = release.filter
    replaced = ", ".join(f"{kind} {count:,}" for kind, count in made.replaced.items()) or "nothing"
    sensitive = (
        f"The terms require a filter ({', '.join(made.clauses)}). `{made.name}` replaced: {replaced}; together"
        f" {made.words:,} words. Kinds are replaced by: {_manners(made.manners)}. {residual_risk(release)}"
        if made.required
        else "The terms require no filter for this purpose, and none was used."
    )
    share = (
        "All conversations were taken."
        if release.sample == 1
        else f"A sample of {release.sample:.4%} was taken."
    )
    removed = release.deduplicate
    return f"""## How it was made

{sensitive}
{removed.exact_duplicates:,} conversations were exact and {removed.near_duplicates:,} near duplicates
of others, and were removed. {share}

## What to know before using it

- Use it for `{release.purpose}` and for nothing else. A row must be gone from its `keep_until` on.
- It is as of {release.history.as_of}. Choices made after that are not in it; load it through the gate, or
  build again.
- People's words are personal data, filtered or not. No filter finds all of them, and nothing filtered is anonymous.
"""


def _manners(manners: dict[str, str]) -> str:
    named = [f"{kind} {manner}" for kind, manner in sorted(manners.items()) if kind != OTHERS]
    return ", ".join([*named, f"{'all others' if named else 'all'} {manners.get(OTHERS, '')}"])


def _shares(counts: dict[str, int]) -> str:
    return ", ".join(f"{value} {count:,}" for value, count in counts.items()) or "none"


def _table(title: str, rows: list[tuple[str, str]]) -> str:
    lines = [f"## {title}", "", "| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows), ""]
    return "\n".join(lines)
