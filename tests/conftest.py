"""What holds for all tests."""

from hypothesis import settings

settings.register_profile(
    "shared machine", deadline=None
)  # others may hold the processor for a second; pytest-timeout bounds a test
settings.load_profile("shared machine")
