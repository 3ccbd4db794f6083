"""How hypothesis looks for counter-examples, in all tests."""

from hypothesis import settings

# An example's time says how busy the machine is. What takes for ever is ended by pytest's own timeout.
settings.register_profile("longcheng", deadline=None, print_blob=True)
settings.load_profile("longcheng")
