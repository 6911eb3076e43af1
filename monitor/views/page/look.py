"""How the page is to be shown to whoever looks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """``hide_sizes``: ratios and prices only, no amounts. ``has_token``: things can be changed; else there are no buttons."""

    hide_sizes: bool = False
    has_token: bool = False
