"""The rules: what counts as a danger, at which level, and when it is over. One file a family, one row each in `table`."""
