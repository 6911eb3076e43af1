"""`python -m monitor` is `inverse-monitor`."""

from monitor.cli import main

main()
