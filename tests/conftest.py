"""Settings for every test."""

import os

from hypothesis import HealthCheck, settings

# A deadline is a timing assert. What lands must not depend on what happens to be drawn: CI draws
# the same examples each time, while people's runs go on exploring.
settings.register_profile("people", deadline=None)
settings.register_profile(
    "ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") else "people")
