"""Only the wanted exchange is imported; where ccxt has changed so that this fails, everything is."""

import subprocess
import sys
import textwrap

import pytest

from monitor.venues import ALIASES, TABLE


def run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


PARENTS = {"binancecoinm": "binance", "kucoinfutures": "kucoin", **ALIASES}
"""Exchanges that ccxt builds on another one."""


@pytest.mark.parametrize("venue", sorted(TABLE))
def test_a_venue_loads_without_the_other_exchanges_and_without_websockets(venue: str) -> None:
    found = run(
        f"""
        import sys
        from monitor.venues.loading import exchange_class
        print(exchange_class("{venue}").__name__)
        print(*sorted(name[19:] for name in sys.modules if name.startswith("ccxt.async_support.") and name.count(".") == 2))
        print(any(name.startswith("ccxt.pro") for name in sys.modules))
        """
    )
    assert found.split() == [venue, *sorted({"base", venue, PARENTS.get(venue, venue)}), "False"]


def test_the_fallback_loads_the_same_class_when_the_narrow_way_fails() -> None:
    found = run(
        """
        import sys
        from monitor.venues import loading
        def broken(package): raise AttributeError("ccxt has changed")
        loading._furnish = broken
        kind = loading.exchange_class("bybit")
        import ccxt
        print(kind.__name__, hasattr(ccxt, "__version__"), "ccxt.async_support.okx" in sys.modules)
        print(any(name.startswith("ccxt.pro") for name in sys.modules))
        """
    )
    assert found.split() == ["bybit", "True", "True", "False"]


def test_a_ccxt_that_is_loaded_already_is_used_as_it_is() -> None:
    found = run(
        """
        import ccxt.async_support
        from monitor.venues.loading import exchange_class
        print(exchange_class("deribit") is ccxt.async_support.deribit)
        """
    )
    assert found == "True"


def test_several_venues_load_one_after_another() -> None:
    found = run(
        """
        from monitor.venues.loading import exchange_class
        print(*(exchange_class(venue).__name__ for venue in ("deribit", "bybit", "binancecoinm")))
        """
    )
    assert found == "deribit bybit binancecoinm"


def test_importing_the_venues_imports_no_ccxt() -> None:
    assert run("import sys, monitor.venues; print('ccxt' in sys.modules)") == "False"
