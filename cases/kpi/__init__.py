"""How well it works, in figures: what each is a share of, over which time, and of which part of the city."""

from cases.kpi.self_correction import SelfCorrection, self_correction

__all__ = ["SelfCorrection", "self_correction"]
