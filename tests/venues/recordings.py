"""Bodies recorded or documented by others, from the folder that EXCHANGE_DATA names."""

import json
import os
from pathlib import Path

import pytest


def recorded(name: str, *, endpoint: str) -> list[object]:
    """Every body that the recording *name* holds for an *endpoint* or a method of ccxt's, hand-made ones (S) left out."""
    folder = os.environ.get("EXCHANGE_DATA")
    if not folder:
        pytest.skip("EXCHANGE_DATA is not set: it names the folder with recorded exchange data")
    items = json.loads((Path(folder) / "recordings" / f"{name}.json").read_text(), parse_float=str)["items"]
    found = [item["httpResponse"] for item in items if _place(item).startswith(endpoint) and item["provenance"] != "S"]
    assert found, f"{name} has no {endpoint}"
    return found


def _place(item: dict[str, str]) -> str:
    return item.get("endpoint") or item.get("py_method") or ""
