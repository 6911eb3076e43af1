"""What several dashboards share: variables, filters, and the condition under which sums are sums of all."""

from deploy.grafana.src.spec import Variable

JOB = 'job="inverse-monitor"'
"""What deploy/prometheus/prometheus.yml calls the daemons."""

ALL_IS_SEEN = f"unless on () (up{{{JOB}}} == 0 or inverse_account_up == 0)"
"""A sum over accounts is left out while a daemon or an account is silent: without them it is not that sum."""

_UNKNOWN_POOLS = "(inverse_pool_wallet_balance_coins unless inverse_pool_delta_coins)"
COIN_IS_KNOWN = f"{ALL_IS_SEEN} unless on (coin) {_UNKNOWN_POOLS}"
"""A sum over the pools of a coin is left out as well while what one of them is exposed to is not known."""

ALL_IS_KNOWN = f"{ALL_IS_SEEN} unless on () {_UNKNOWN_POOLS}"
"""Likewise a sum over all pools."""

ACCOUNTS = Variable(name="account", label="Account", metric="inverse_account_up")
COINS = Variable(name="coin", label="Coin", metric='inverse_pool_status{account=~"$account"}')
VENUES = Variable(name="venue", label="Venue", metric="inverse_account_up")
ONE_ACCOUNT = Variable(name="account", label="Account", metric="inverse_pool_status", is_many=False)
ONE_COIN = Variable(name="coin", label="Coin", metric='inverse_pool_status{account="$account"}', is_many=False)

FIRING = 'max by (account, rule, subject) (inverse_alert_level{account=~"$account"})'
