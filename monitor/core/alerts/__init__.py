"""Alerts: what one is, and how it lives."""
