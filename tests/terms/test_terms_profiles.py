"""The shipped profiles are sound, and say what was published."""

from __future__ import annotations

import pytest

from troth.terms.archive import load, read_files, read_lock, shipped, shipped_names
from troth.terms.check import check

NAMES = (
    "amazon-alexa",
    "anthropic-commercial",
    "anthropic-consumer",
    "google-keep-activity",
    "meta-public",
    "openai",
)


def test_the_profiles_are_there() -> None:
    assert set(NAMES) <= set(shipped_names())


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_profile_has_no_error(name: str) -> None:
    assert [str(problem) for problem in check(shipped() / name) if not problem.note] == []


@pytest.mark.parametrize("name", shipped_names())
def test_the_lock_holds_the_digest_of_every_version(name: str) -> None:
    digests = {str(file.top["version"]): file.digest for file in read_files(shipped() / name)}
    assert dict(read_lock(shipped() / name)) == digests


@pytest.mark.parametrize("name", shipped_names())
def test_every_profile_loads_and_names_its_sources(name: str) -> None:
    terms = load(name)
    assert terms.name == name
    for version in terms.versions:
        assert version.findings is not None
        assert {rule.source for rule in version.rules} <= {source.id for source in version.sources}
