"""The pure core: figures, risk, rules and alerts. No IO and no clock; time is an argument."""
