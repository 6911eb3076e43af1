"""Load one exchange class of ccxt without the hundred others.

Importing ``ccxt.async_support`` runs a package file that imports every exchange: 103 MiB and half a second. With empty
packages in its place only the wanted module and its base are read: 53 to 63 MiB. Where that fails, because ccxt has
changed, the ordinary import does the same work with more memory.
"""

import importlib
import importlib.util
import logging
import sys
from types import ModuleType

PACKAGES = ("ccxt", "ccxt.async_support")


def exchange_class(venue: str) -> type:
    """Return ccxt's asynchronous class of *venue*."""
    logging.getLogger("ccxt.base.exchange").setLevel(logging.WARNING)
    try:
        return _narrow(venue)
    except Exception:  # noqa: BLE001 - whatever a changed ccxt fails with, the ordinary import is the remedy
        _forget()
        return _ordinary(venue)


def _narrow(venue: str) -> type:
    if "ccxt" not in sys.modules:
        for package in PACKAGES:
            sys.modules[package] = _empty(package)
        _furnish(sys.modules["ccxt"])
    return _ordinary(venue)


def _ordinary(venue: str) -> type:
    module = importlib.import_module(f"ccxt.async_support.{venue}")
    found: type = getattr(module, venue)
    return found


def _empty(package: str) -> ModuleType:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.submodule_search_locations is None:
        raise ImportError(f"{package} is not installed")
    module = ModuleType(package)
    module.__path__ = list(spec.submodule_search_locations)
    module.__spec__ = spec
    return module


def _furnish(package: ModuleType) -> None:
    """Give the package the names that ccxt's own modules import from it: its errors and the base class."""
    errors = importlib.import_module("ccxt.base.errors")
    package.__dict__.update({name: value for name, value in vars(errors).items() if isinstance(value, type)})
    package.__dict__["Exchange"] = importlib.import_module("ccxt.base.exchange").Exchange


def _forget() -> None:
    for name in [name for name in sys.modules if name == "ccxt" or name.startswith("ccxt.")]:
        del sys.modules[name]
