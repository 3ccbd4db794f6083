"""What a profile says about a value before it is the metric's."""

from config.schema import SourceField
from domain.message import RejectReason
from domain.reading import Value
from ingest.decoded import Unfit, shown
from ingest.values import Quantity, number, word


class Conversion:
    """One line of a profile's `fields`."""

    def __init__(self, field: SourceField, quantity: Quantity) -> None:
        self._values = field.values
        self._scale = field.scale
        self._offset = field.offset
        self._scales = (field.scale, field.offset) != (1.0, 0.0)
        self._quantity = quantity

    def read(self, raw: object) -> Value:
        """The value in the metric's own type and unit; a text that is a number is one. Raises Unfit."""
        if self._values:
            return self._quantity.read(self._looked_up(raw))
        told = number(raw) if isinstance(raw, str) else raw
        if told is None:
            raise Unfit(RejectReason.TYPE, f"{shown(raw)} is not a number")
        if self._scales and isinstance(told, int | float) and not isinstance(told, bool):
            told = self._scaled(told)
        return self._quantity.read(told)

    def _looked_up(self, raw: object) -> object:
        said = word(raw)
        if said not in self._values:
            raise Unfit(RejectReason.TYPE, f"{shown(raw)} is none of {', '.join(self._values)}")
        return self._values[said]

    def _scaled(self, told: float) -> float:
        try:
            # 0.1 steps must come out as people read them: 231 × 0.1 is 23.1, not 23.1000000000000014.
            return round(told * self._scale + self._offset, 9)
        except OverflowError:
            raise Unfit(RejectReason.TYPE, f"{shown(told)} is not a finite number") from None
