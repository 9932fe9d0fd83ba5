"""What other machines may ask, on a listener of its own: whether calsync lives and works, and its
metrics; nothing else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import requests

from calsync.config import load
from calsync.errors import ConfigError
from tests.ports import free_port
from tests.test_config_documented import KEYS
from tests.web.site import Site, a_record


def test_probes_and_metrics_are_served_under_any_name_and_the_page_is_not(tmp_path: Path) -> None:
    port = free_port()
    site = Site(tmp_path, f"sqlite:///{tmp_path / 'store.db'}", web=f"metrics_port = {port}")
    with site.served():
        for path in ("/live", "/health", "/metrics"):
            found = requests.get(
                f"http://127.0.0.1:{port}{path}", headers={"Host": "10.1.2.3"}, timeout=30
            )
            assert found.status_code == 200, path
        assert "calsync_build_info{" in found.text
        for path in ("/ops", "/api/openapi.json", "/connect", "/static/page.css"):
            assert requests.get(f"http://127.0.0.1:{port}{path}", timeout=30).status_code == 404
        assert site.open.web.settings.listens == [
            f"127.0.0.1:{site.port}",
            f"127.0.0.1:{site.ops_port}",
            f"127.0.0.1:{port}",
        ]


def test_a_source_that_the_platform_pushes_is_never_late(light_site: Site) -> None:
    """Nothing is booked at night: only what calsync reads by itself has an age."""
    stored = light_site.caller().put("ses-1", a_record())
    assert stored.status_code == 200
    light_site.shift += timedelta(hours=9)
    found = requests.get(f"http://127.0.0.1:{light_site.ops_port}/metrics", timeout=30).text
    assert "# TYPE calsync_source_read_age_seconds gauge" in found
    assert 'source="pushed"' not in found


@pytest.mark.parametrize(
    ("web", "problem"),
    [
        ({"METRICS_PORT": "8080"}, "web.metrics_port"),
        ({"METRICS_PORT": "8081"}, "web.metrics_port"),
        ({"METRICS_HOST": "no host"}, "web.metrics_host"),
    ],
)
def test_a_port_that_is_another_ones_or_a_host_that_is_none_is_told(
    web: dict[str, str], problem: str
) -> None:
    environ = KEYS | {f"CALSYNC_WEB__{name}": value for name, value in web.items()}
    with pytest.raises(ConfigError) as error:
        load(None, environ)
    assert any(one.startswith(problem) for one in error.value.problems)
