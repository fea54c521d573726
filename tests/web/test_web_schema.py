"""The whole interface against its own description: schemathesis makes the requests, and nothing breaks or surprises."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from web_worlds import World

from troth.web.access.rights import RIGHTS
from troth.web.api.endpoint import Endpoint, Nothing
from troth.web.api.interface import ENDPOINTS

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
)


@pytest.fixture(scope="module")
def interface(world: World) -> Any:
    document = httpx.get(f"{world.address}/openapi.json").json()
    found = schemathesis.openapi.from_dict(document)
    found.config.base_url = world.address
    return {one.ok().label: one.ok() for one in found.get_all_operations()}


def has_something_to_get_wrong(endpoint: Endpoint) -> bool:
    return endpoint.body is not None or endpoint.query is not Nothing


ASKED = [
    pytest.param(endpoint, mode, id=f"{endpoint.act}-{mode.value}")
    for endpoint in ENDPOINTS
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    if mode is GenerationMode.POSITIVE or has_something_to_get_wrong(endpoint)
]


@pytest.mark.parametrize(("endpoint", "mode"), ASKED)
def test_whatever_is_asked_is_answered_as_the_description_says(
    interface: Any, world: World, endpoint: Endpoint, mode: GenerationMode
) -> None:
    operation = interface[f"{endpoint.method} {endpoint.path}"]
    # An owner reaches the most; what a product alone may is asked as a product.
    role = "product" if "owner" not in RIGHTS[endpoint.act].every else "owner"
    headers = {"Authorization": f"Bearer {world.keys[role].text}"}

    @settings(
        max_examples=5, deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=headers, checks=list(CHECKS))

    ask()


def test_the_description_is_openapi_3_1_with_every_endpoint_described(world: World) -> None:
    document = httpx.get(f"{world.address}/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    operations = [one for path in document["paths"].values() for one in path.values()]
    assert len({one["operationId"] for one in operations}) == len(operations) > 30
    for one in operations:
        assert one["summary"]
        assert len(one["description"]) > 20
        assert "401" in one["responses"]
        assert "429" in one["responses"]
