"""What LoRaWAN servers say alike."""

from collections.abc import Iterable

from domain.reading import DeviceState
from ingest.moment import Heard


def signal(receptions: Iterable[dict[str, object]]) -> dict[str, object]:
    """How well the gateway heard it that heard it best; nothing, if none says."""
    heard = [(rssi, one) for one in receptions if type(rssi := one.get("rssi")) in (int, float)]
    if not heard:
        return {}
    rssi, best = max(heard, key=lambda pair: pair[0])  # type: ignore[arg-type,return-value]
    return {"rssi_dbm": rssi, "snr_db": best.get("snr", 0)}


def gateways(ids: Iterable[object]) -> list[Heard]:
    """Those it was heard by: they are there, whether the register has them or not."""
    names = dict.fromkeys(name.lower() for name in ids if isinstance(name, str) and name)
    return [Heard(address=name, state=DeviceState.ONLINE, in_passing=True) for name in names]
