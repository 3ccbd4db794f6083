"""Gateways in `devices.csv`."""

from pathlib import Path

import pytest

from config.tables import read_devices
from domain.errors import ConfigError

HEADER = "device_id,profile,name,district,sub_district,road,lon_deg,lat_deg,ports,baseline,gateway\n"


def _table(folder: Path, gateways: dict[str, str]) -> Path:
    path = folder / "devices.csv"
    rows = [f"{name},p,{name},d,s,r,119.9,31.7,0,,{gateway}\n" for name, gateway in gateways.items()]
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    return path


def test_gateways_may_stand_behind_gateways(tmp_path: Path) -> None:
    """A repeater, and the gateway it speaks to."""
    devices = read_devices(_table(tmp_path, {"a": "b", "b": "c", "c": "", "d": "c"}), {"p": "gateway"})
    assert {name: device.gateway for name, device in devices.items()} == {"a": "b", "b": "c", "c": None, "d": "c"}


def test_nobody_is_their_own_gateway_in_the_end(tmp_path: Path) -> None:
    """Each would wait for the other to be called silent."""
    with pytest.raises(ConfigError, match="device 'a' is, by way of others, its own gateway"):
        read_devices(_table(tmp_path, {"a": "b", "b": "c", "c": "a"}), {"p": "gateway"})
