"""The alert rules fire, and every expression of rules and dashboard is one that Prometheus reads,
over metrics that there are."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from calsync.ops import metrics
from calsync.store import instance
from tests.harness.installation import installed
from tests.harness.servers import program

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "prometheus" / "calsync.rules.yaml"
FIRED = RULES.with_name("calsync.rules.test.yaml")
DASHBOARD = ROOT / "deploy" / "grafana" / "calsync.json"
METRIC = re.compile(r"\b(?:calsync|process)_[a-z_]+\b")


def promtool(*command: str) -> str:
    done = subprocess.run(
        [program("prometheus", "promtool"), *command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def alerts() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    return found


def shown() -> Iterator[tuple[str, str]]:
    """(panel, expression) of the dashboard, as Grafana asks for it."""
    for panel in panels():
        for target in panel["targets"]:
            yield panel["title"], target["expr"].replace("$__rate_interval", "5m")


def test_prometheus_reads_the_rules_and_the_configuration_that_names_them() -> None:
    assert "SUCCESS" in promtool("check", "rules", str(RULES))
    found = promtool("check", "config", str(RULES.with_name("prometheus.yaml")))
    assert f"{len(alerts())} rules found" in found


def test_prometheus_has_nothing_to_say_against_the_names(tmp_path: Path) -> None:
    """`promtool check metrics` reads what is exposed, and judges names, types and units."""
    with installed(tmp_path) as made:
        made.book()
        made.sync()
        context = made.open().context
        context.transact("beat", instance.beat)
        exposed = metrics.exposition(context)
    command = [program("prometheus", "promtool"), "check", "metrics"]
    done = subprocess.run(command, input=exposed, capture_output=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, b"")


def test_every_alert_fires_when_it_should_and_only_then() -> None:
    assert "SUCCESS" in promtool("test", "rules", str(FIRED))
    tests = yaml.safe_load(FIRED.read_text(encoding="utf-8"))["tests"]
    asked = [one for test in tests for one in test["alert_rule_test"]]
    names = {one["alert"] for one in alerts()}
    assert names == {one["alertname"] for one in asked if one["exp_alerts"]}
    assert names == {one["alertname"] for one in asked if not one["exp_alerts"]}


def test_an_alert_that_never_fires_would_be_noticed(tmp_path: Path) -> None:
    rules = RULES.read_text(encoding="utf-8").replace("calsync_queue_age_seconds", "misspelt")
    (tmp_path / RULES.name).write_text(rules, encoding="utf-8")
    (tmp_path / FIRED.name).write_text(FIRED.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(AssertionError, match="CalsyncDeliveriesOverdue"):
        promtool("test", "rules", str(tmp_path / FIRED.name))


def test_prometheus_reads_every_expression_of_the_dashboard(tmp_path: Path) -> None:
    expressions = list(shown())
    assert len(expressions) > 15
    rules = [{"record": f"panel:{n}", "expr": expr} for n, (_, expr) in enumerate(expressions)]
    file = tmp_path / "dashboard.yaml"
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}), "utf-8")
    assert f"{len(rules)} rules found" in promtool("check", "rules", str(file))


def test_rules_and_dashboard_ask_for_metrics_that_there_are() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(\w+)`", page, re.MULTILINE))
    asked = [one["expr"] for one in alerts()] + [expr for _, expr in shown()]
    used = {re.sub("_bucket$", "", name) for expr in asked for name in METRIC.findall(expr)}
    assert len(used) > 15
    assert used - documented == set()


def test_every_alert_says_what_happened_what_to_do_and_how_urgent_it_is() -> None:
    for one in alerts():
        assert one["labels"]["severity"] in ("page", "ticket"), one
        assert one["annotations"]["summary"].endswith("."), one
        assert one["annotations"]["action"].endswith("."), one


def test_every_panel_says_what_it_shows_and_none_covers_another() -> None:
    places = set()
    for one in panels():
        assert one["title"]
        assert one["description"].endswith("."), one["title"]
        at = one["gridPos"]
        mine = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not mine & places, one["title"]
        places |= mine
