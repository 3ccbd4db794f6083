"""Weather, trees and chargers as numbers that behave: day curves, drying soil, gusts, a charge's two phases."""

import math
import random
from collections.abc import Mapping

from app.demo.wire import Metrics

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
MINUTE_MS = 60_000
UTC_OFFSET_H = 8
MAINS_V = 220.0
TAPER_FROM = 0.82  # state of charge at which constant current ends
TAPER = 0.07
FULL_AT = 0.12  # share of the constant current at which the charger stops
CHARGE_RATE = (0.22, 0.3)  # of the capacity in an hour: full in four to six
IDLE_MIN = 25.0  # mean time a port stands free
PORT_WARMTH_K = 10.0  # at 1.8 A, in the long run
PORT_LAG_S = 360.0


def hour_of_day(at_ms: int) -> float:
    """Local hour, 0–24."""
    return (at_ms / HOUR_MS + UTC_OFFSET_H) % 24


def air_temp_c(at_ms: int) -> float:
    """Coldest in late January and at dawn, warmest in late July and mid-afternoon."""
    day_of_year = at_ms / DAY_MS % 365.2425
    season = 16.5 - 13.0 * math.cos(2 * math.pi * (day_of_year - 24) / 365.2425)
    return season + 4.5 * math.cos(2 * math.pi * (hour_of_day(at_ms) - 14.5) / 24)


def air_rh_pct(at_ms: int) -> float:
    """Runs against the temperature through the day."""
    return 72.0 - 15.0 * math.cos(2 * math.pi * (hour_of_day(at_ms) - 14.5) / 24)


def wind_m_s(at_ms: int, phase: float) -> float:
    """A breeze that freshens in the afternoon, with gusts of seconds to minutes."""
    breeze = 2.4 + 1.1 * math.cos(2 * math.pi * (hour_of_day(at_ms) - 15) / 24)
    seconds = at_ms / 1000 % DAY_MS
    gusts = sum(
        share * math.sin(2 * math.pi * seconds / period_s + phase * period_s)
        for share, period_s in ((0.35, 613.0), (0.3, 97.0), (0.25, 23.0), (0.15, 7.0))
    )
    return max(0.0, breeze * (1 + gusts))


class TreeBody:
    """One heritage tree: leans as at its installation, sways, drinks, grows."""

    def __init__(self, baseline: Mapping[str, float], chance: random.Random) -> None:
        self._baseline = baseline
        self._chance = chance
        self._phase = chance.uniform(0, 2 * math.pi)
        self._rain_day = chance.uniform(0, 9)
        self._battery_pct = chance.uniform(78, 96)

    def metrics(self, at_ms: int, *, lean_deg: float = 0.0, soil_vwc_pct: float | None = None) -> Metrics:
        """What its sensors read; `lean_deg` on top of the installed tilt, soil moisture overruled where given."""
        wind = wind_m_s(at_ms, self._phase)
        sway = 0.004 * wind**1.5 * math.sin(at_ms / 1000 % DAY_MS * 2.1 + self._phase)
        own = self._baseline["tilt_deg"]
        tilt = own + lean_deg + sway
        air = air_temp_c(at_ms)
        dry_days = (at_ms / DAY_MS + self._rain_day) % 9  # it rains every ninth day
        daily = math.cos(2 * math.pi * (hour_of_day(at_ms) - 5) / 24)  # a trunk is thickest before dawn
        values = {
            "tilt_deg": tilt,
            "tilt_x_deg": self._baseline["tilt_x_deg"] * tilt / own,
            "tilt_y_deg": self._baseline["tilt_y_deg"] * tilt / own,
            "vibration_rms_g": 0.002 + 0.0006 * wind**2,
            "soil_vwc_pct": 27.0 - 1.3 * dry_days if soil_vwc_pct is None else soil_vwc_pct,
            "soil_temp_c": 0.6 * air + 0.4 * air_temp_c(at_ms - 8 * HOUR_MS),
            "soil_ph": 7.1 + self._chance.gauss(0, 0.01),
            "soil_ec_ms_cm": 0.62 + self._chance.gauss(0, 0.005),
            "air_temp_c": air + self._chance.gauss(0, 0.1),
            "air_rh_pct": air_rh_pct(at_ms) + self._chance.gauss(0, 0.5),
            "wind_m_s": wind,
            "trunk_dendro_mm": 0.9 + 0.12 * daily,
            "battery_pct": self._battery_pct,
            "rssi_dbm": -83 + self._chance.gauss(0, 2),
        }
        return {name: round(value, 4) for name, value in values.items()}


class ChargePort:
    """One socket: a battery comes, is charged at constant current, tapers, is full; later the next one comes."""

    def __init__(self, chance: random.Random, at_ms: int) -> None:
        self._chance = chance
        self._at_ms = at_ms
        self._energy_kwh = chance.uniform(40, 900)
        self._temp_c = air_temp_c(at_ms) + 4
        self._charging = False
        self._next_ms = at_ms
        self._plug_in(at_ms)
        if chance.random() < 0.35:
            self._leave(at_ms)
        else:
            # It did not begin with the simulation: it has been there for a while.
            self._charge = chance.uniform(0.2, 0.95)
            self._since_ms = at_ms - round((self._charge - 0.1) * 4 * HOUR_MS)

    def metrics(self, at_ms: int) -> Metrics:
        """Let time pass up to `at_ms`, and read the meters."""
        passed_s = max(0, at_ms - self._at_ms) / 1000
        self._at_ms = at_ms
        if not self._charging and at_ms >= self._next_ms:
            self._plug_in(at_ms)
        if self._charging and self._flow() < FULL_AT:
            self._leave(at_ms)
        voltage = MAINS_V + 3 * math.cos(2 * math.pi * (hour_of_day(at_ms) - 4) / 24) + self._chance.gauss(0, 0.6)
        current = self._rated_w / MAINS_V * self._flow() * (1 + self._chance.gauss(0, 0.01)) if self._charging else 0.0
        power = voltage * current
        self._pass(passed_s, power, current)
        return {
            "voltage_v": round(voltage, 2),
            "current_a": round(current, 3),
            "power_w": round(power, 2),
            "energy_kwh": round(self._energy_kwh, 5),
            "temp_c": round(self._temp_c + self._chance.gauss(0, 0.1), 2),
            "residual_ma": round(abs(0.8 + 1.5 * current + self._chance.gauss(0, 0.2)), 2),
            "relay_on": self._charging,
            "charge_min": round((at_ms - self._since_ms) / MINUTE_MS, 2) if self._charging else 0.0,
        }

    def _flow(self) -> float:
        """Share of the constant current that the battery takes at this state of charge."""
        return math.exp(-max(0.0, self._charge - TAPER_FROM) / TAPER)

    def _pass(self, passed_s: float, power_w: float, current_a: float) -> None:
        energy = power_w * passed_s / 3_600_000
        self._energy_kwh += energy
        self._charge = min(1.0, self._charge + 0.9 * energy / self._capacity_kwh)
        target = air_temp_c(self._at_ms) + 3 + PORT_WARMTH_K * (current_a / 1.8) ** 2
        self._temp_c += (target - self._temp_c) * (1 - math.exp(-passed_s / PORT_LAG_S))

    def _plug_in(self, at_ms: int) -> None:
        self._charging = True
        self._since_ms = at_ms
        self._charge = self._chance.uniform(0.1, 0.6)
        self._capacity_kwh = self._chance.uniform(0.6, 1.4)
        self._rated_w = self._capacity_kwh * 1000 * self._chance.uniform(*CHARGE_RATE)

    def _leave(self, at_ms: int) -> None:
        self._charging = False
        self._next_ms = at_ms + round(self._chance.expovariate(1 / IDLE_MIN) * MINUTE_MS)
