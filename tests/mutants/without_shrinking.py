"""A plugin of pytest: the property tests try the same examples each time, and stop at the first that fails."""

from hypothesis import Phase, settings


def pytest_sessionstart() -> None:
    """After the profile of conftest.py, before the tests are imported."""
    phases = (Phase.explicit, Phase.generate)
    settings.register_profile("mutants", deadline=None, derandomize=True, database=None, phases=phases)
    settings.load_profile("mutants")
