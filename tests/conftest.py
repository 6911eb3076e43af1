"""What holds for all tests."""

from hypothesis import Phase, settings

settings.register_profile(
    "shared machine", deadline=None
)  # others may hold the processor for a second; pytest-timeout bounds a test
settings.load_profile("shared machine")

# For `make mutate`: the same few examples at every run, so that what survives today survives tomorrow, and no time for
# shrinking what only has to fail.
settings.register_profile("mutation", derandomize=True, max_examples=25, deadline=None, phases=[Phase.explicit, Phase.generate])
