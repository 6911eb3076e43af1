"""From a configuration to a running program: the only files that know every adapter and the clock."""
