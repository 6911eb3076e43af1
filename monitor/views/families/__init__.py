"""The metrics, a file per thing that they are about."""
