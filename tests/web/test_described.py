"""The API behaves as its description says, whatever a caller sends (schemathesis)."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, openapi
from schemathesis.checks import CHECKS

from tests.web.site import ALL_SCOPES, Site

EXAMPLES = 40  # for each operation; with --full ten times as many
CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)
NOT_STARTED = HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large


def test_every_answer_is_one_that_the_description_has(tmp_path: Path, *, full: bool) -> None:
    made = Site(tmp_path, f"sqlite:///{tmp_path / 'store.db'}", web="calls_per_minute = 1000000")
    with made.served() as site:
        token = site.caller("default", *ALL_SCOPES).token
        schema = openapi.from_url(site.url + "/api/openapi.json")
        checks = CHECKS.get_by_names(list(CHECKED))
        operations = [one.ok() for one in schema.get_all_operations()]
        assert {one.method for one in operations} >= {"put", "delete", "get"}
        for operation in operations:
            cases = st.one_of(
                operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
                operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
            )

            @settings(
                max_examples=EXAMPLES * (10 if full else 1),
                deadline=None,
                database=None,
                derandomize=True,
                suppress_health_check=NOT_STARTED,
            )
            @given(case=cases)
            def check(case: Case) -> None:
                case.call_and_validate(
                    headers={"Authorization": f"Bearer {token}"}, checks=checks, timeout=30
                )

            check()
        answered = {line["status"] for event, line in site.told if event == "request"}
        assert 200 in answered, "some calls were understood"
        assert 422 in answered
        assert 500 not in answered
