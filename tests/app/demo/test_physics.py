"""Numbers that behave."""

import random
from itertools import pairwise

from app.demo.physics import HOUR_MS, MINUTE_MS, ChargePort, TreeBody, air_rh_pct, air_temp_c, hour_of_day, wind_m_s
from config.load import Site

NOON_MS = 1_785_816_000_000  # 2026-08-04 12:00 in Changzhou
DAY = [NOON_MS + quarter * HOUR_MS // 4 for quarter in range(96)]
BASELINE = {"tilt_deg": 1.8, "tilt_x_deg": 1.5, "tilt_y_deg": 1.0}


def test_the_day_has_its_curve() -> None:
    """Warmest and driest in mid-afternoon, coldest before dawn; August is warmer than February."""
    assert hour_of_day(NOON_MS) == 12
    assert 13 < hour_of_day(max(DAY, key=air_temp_c)) < 16
    assert 1 < hour_of_day(min(DAY, key=air_temp_c)) < 6
    assert 13 < hour_of_day(min(DAY, key=air_rh_pct)) < 16
    assert air_temp_c(NOON_MS) > air_temp_c(NOON_MS + 182 * 24 * HOUR_MS) + 15


def test_the_wind_gusts_and_never_blows_backwards() -> None:
    """It changes within seconds and stays a breeze."""
    winds = [wind_m_s(NOON_MS + second * 1000, phase=1.0) for second in range(600)]
    assert min(winds) >= 0
    assert max(winds) < 15
    assert max(abs(one - other) for one, other in pairwise(winds)) > 0.1


def test_a_healthy_tree_stays_within_every_limit() -> None:
    """Sway is far below the smallest tilt that means something (0.25°), soil never dry, over ten days."""
    tree = TreeBody(BASELINE, random.Random(1))
    for hours in range(240):
        metrics = tree.metrics(NOON_MS + hours * HOUR_MS)
        assert abs(float(metrics["tilt_deg"]) - 1.8) < 0.2
        assert float(metrics["soil_vwc_pct"]) > 14
        assert float(metrics["battery_pct"]) > 50


def test_a_leaning_tree_leans_in_all_three_angles() -> None:
    """The step shows in the tilt and, by its direction, in both axes."""
    tree = TreeBody(BASELINE, random.Random(1))
    metrics = tree.metrics(NOON_MS, lean_deg=2.1)
    assert 3.7 < float(metrics["tilt_deg"]) < 4.1
    assert float(metrics["tilt_x_deg"]) / float(metrics["tilt_y_deg"]) - 1.5 < 0.01


def test_a_charge_has_two_phases_and_an_end() -> None:
    """Constant current, then ever less, then the relay opens; later another battery comes."""
    port = ChargePort(random.Random(3), NOON_MS)
    history = [port.metrics(NOON_MS + minute * MINUTE_MS) for minute in range(24 * 60)]
    energy = [float(metrics["energy_kwh"]) for metrics in history]
    assert energy == sorted(energy)
    on = [bool(metrics["relay_on"]) for metrics in history]
    ends = [minute for minute in range(1, len(on)) if on[minute - 1] and not on[minute]]
    assert len(ends) >= 2
    full = ends[1]
    begun = max(minute for minute in range(full) if not on[minute]) + 1
    current = [float(metrics["current_a"]) for metrics in history[begun:full]]
    assert max(current[:10]) / min(current[:10]) < 1.1
    assert current[-1] < current[0] / 4


def test_power_is_current_times_voltage_and_nothing_is_alarming() -> None:
    """Over a summer's day every port keeps below 55 °C, 10 mA, 1000 W and 8 h, and inside 198–242 V."""
    for seed in range(5):
        port = ChargePort(random.Random(seed), NOON_MS)
        for minute in range(24 * 60):
            metrics = port.metrics(NOON_MS + minute * MINUTE_MS)
            assert abs(float(metrics["power_w"]) - metrics["voltage_v"] * metrics["current_a"]) < 1
            assert metrics["relay_on"] == (metrics["current_a"] > 0)
            assert float(metrics["temp_c"]) < 54
            assert float(metrics["residual_ma"]) < 10
            assert float(metrics["power_w"]) < 1000
            assert float(metrics["charge_min"]) < 480
            assert 198 < float(metrics["voltage_v"]) < 242


def test_every_metric_is_in_its_profile_and_its_range(site: Site) -> None:
    """The simulation speaks of nothing that the registry does not know."""
    tree = TreeBody(BASELINE, random.Random(1)).metrics(NOON_MS)
    assert set(tree) == set(site.profiles["heritage-tree"].metrics)
    port = ChargePort(random.Random(1), NOON_MS).metrics(NOON_MS)
    assert set(port) | {"smoke", "door_open"} == set(site.profiles["charging-station"].metrics)
    for name, value in {**tree, **port}.items():
        metric = site.metrics[name]
        assert metric.type == "bool" or (metric.min or 0) <= value <= (metric.max or 0), name
