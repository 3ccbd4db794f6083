"""Limits over a whole site: what many are given alike is worked out once."""

from config.load import Site
from domain.register import Device
from rules.in_force import InForce
from rules.limited import LimitedKind
from rules.rule import Rule


class SharedLimits:
    """The limits of one rule, for as long as a site is gone through."""

    def __init__(self, spec: LimitedKind, rule: Rule, site: Site) -> None:
        self._spec, self._rule, self._site = spec, rule, site
        self._of_model: dict[tuple[str, float | None], InForce] = {}

    def of(self, device: Device, port: int | None) -> InForce:
        """As `LimitedKind.in_force`."""
        spec = self._spec
        if spec.has_own(self._site, device, port):
            return spec.in_force(self._rule, self._site, device, port)
        key = (device.profile, spec.baseline(device))
        found = self._of_model.get(key)
        if found is None:
            found = self._of_model[key] = spec.in_force(self._rule, self._site, device, port)
        return found
