"""Inverse Monitor: how far every pool of coin margin is from liquidation, told before it happens."""

__version__ = "0.1.0"
