"""The portfolio across daemons, as a real Prometheus records it: right while all is known, absent when something is not."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from monitor.views.metrics import METRICS
from tests.deploy.tree import DEPLOY, document
from tests.programs import need

SPEC = document(DEPLOY / "kubernetes" / "shared" / "portfolio-rules.yaml")["spec"]
ASIA, EUROPE = 'job="inverse-monitor",instance="asia"', 'job="inverse-monitor",instance="europe"'
WHOLE = {
    f"up{{{ASIA}}}": "1x40",
    f"up{{{EUROPE}}}": "1x40",
    f'inverse_account_up{{{ASIA},account="a",venue="bybit"}}': "1x40",
    f'inverse_account_up{{{EUROPE},account="e",venue="deribit"}}': "1x40",
    f'inverse_portfolio_delta_coins{{{ASIA},coin="BTC"}}': "3x40",
    f'inverse_portfolio_delta_coins{{{EUROPE},coin="BTC"}}': "-1x40",
    f'inverse_portfolio_hedge_usd{{{ASIA},coin="BTC"}}': "-300x40",
    f'inverse_portfolio_hedge_usd{{{EUROPE},coin="BTC"}}': "100x40",
    f"inverse_portfolio_equity_usd{{{ASIA}}}": "300x40",
    f"inverse_portfolio_equity_usd{{{EUROPE}}}": "100x40",
    f'inverse_venue_equity_share_ratio{{{ASIA},venue="bybit"}}': "1x40",
    f'inverse_venue_equity_share_ratio{{{EUROPE},venue="bybit"}}': "0.2x40",
    f'inverse_venue_equity_share_ratio{{{EUROPE},venue="deribit"}}': "0.8x40",
    f'inverse_pool_liquidation_distance_ratio{{{ASIA},account="a",coin="BTC"}}': "0.4x40",
    f'inverse_pool_liquidation_distance_ratio{{{EUROPE},account="e",coin="BTC"}}': "0.07x40",
}
SUMS: dict[str, dict[str, float]] = {
    "coin:inverse_portfolio_delta_coins:sum": {'{coin="BTC"}': 2},
    "coin:inverse_portfolio_hedge_usd:sum": {'{coin="BTC"}': -200},
    "cluster:inverse_portfolio_equity_usd:sum": {"": 400},
    "venue:inverse_venue_equity_share_ratio:sum": {'{venue="bybit"}': 0.8, '{venue="deribit"}': 0.2},
}
NEAREST: dict[str, dict[str, float]] = {"coin:inverse_pool_liquidation_distance_ratio:min": {'{coin="BTC"}': 0.07}}
NO_SUMS: dict[str, dict[str, float]] = {name: {} for name in SUMS}


def proved(folder: Path, series: dict[str, str], expected: dict[str, dict[str, float]], alerts: list[Any] | None = None) -> None:
    """Have promtool compare what the rules make of *series* after ten minutes with what is *expected*; JSON is YAML too."""
    (folder / "rules.yml").write_text(json.dumps(SPEC))
    queries = [
        {"expr": name, "eval_time": "10m", "exp_samples": [{"labels": name + of, "value": value} for of, value in rows.items()]}
        for name, rows in expected.items()
    ]
    test = {
        "interval": "15s",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": queries,
        "alert_rule_test": [{"eval_time": "10m", "alertname": "InverseAccountNamedTwice", "exp_alerts": alerts or []}],
    }
    plan = folder / "test.yml"
    plan.write_text(json.dumps({"rule_files": ["rules.yml"], "evaluation_interval": "15s", "tests": [test]}))
    done = subprocess.run([need("promtool"), "test", "rules", plan], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_daemons_know_adds_up(tmp_path: Path) -> None:
    proved(tmp_path, WHOLE, SUMS | NEAREST)


@pytest.mark.parametrize(
    "missing",
    [
        {f"up{{{EUROPE}}}": "1x20 0x20"},
        {f'inverse_account_up{{{EUROPE},account="e",venue="deribit"}}': "1x20 0x20"},
        {f"up{{{EUROPE}}}": "1x20 stale"},
    ],
    ids=["a daemon does not answer", "an account is down", "a daemon is gone"],
)
def test_a_sum_that_lacks_something_is_not_recorded(tmp_path: Path, missing: dict[str, str]) -> None:
    proved(tmp_path, WHOLE | missing, NO_SUMS | NEAREST)


def test_a_sum_that_lacks_a_pool_is_not_recorded(tmp_path: Path) -> None:
    """Europe leaves the coin out of its own sums, as a pool there has no delta; Asia alone is not the sum."""
    unknown = f'inverse_pool_wallet_balance_coins{{{EUROPE},account="e",venue="deribit",coin="BTC"}}'
    left = {name: series for name, series in WHOLE.items() if not (name.startswith("inverse_portfolio") and "europe" in name)}
    proved(tmp_path, left | {unknown: "1x40"}, NO_SUMS | NEAREST)
    known = {unknown.replace("wallet_balance", "delta"): "1x40"}
    proved(tmp_path, WHOLE | {unknown: "1x40"} | known, SUMS | NEAREST)


def test_one_account_of_two_daemons_is_told(tmp_path: Path) -> None:
    twice = {f'inverse_account_up{{{EUROPE},account="a",venue="bybit"}}': "1x40"}
    labels = {"severity": "warning", "account": "a", "venue": "bybit"}
    [rule] = [rule for rule in SPEC["groups"][0]["rules"] if "alert" in rule]
    summary = rule["annotations"]["summary"]
    for variable, value in {"{{ $value }}": "2", "{{ $labels.account }}": "a", "{{ $labels.venue }}": "bybit"}.items():
        summary = summary.replace(variable, value)
    proved(tmp_path, WHOLE | twice, SUMS, [{"exp_labels": labels, "exp_annotations": {"summary": summary}}])


def test_every_metric_that_is_summed_is_exported() -> None:
    used = {name for rule in SPEC["groups"][0]["rules"] for name in re.findall(r"(?<![\w:])inverse_\w+", rule["expr"])}
    assert used
    assert used <= {metric.name for metric in METRICS}
