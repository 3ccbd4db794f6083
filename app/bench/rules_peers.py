"""The same thresholds as people write them by hand, and as conditions in CEL."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Final

from app.bench.rules_figures import RulePeerFigures
from config.load import Site
from domain.reading import Reading, Value
from domain.sighting import Sighting
from rules.kinds.threshold import Threshold
from rules.limits import Limits
from rules.rule import Rule

_Check = Callable[[Value], bool]
_Checks = Mapping[tuple[str, str], Sequence[_Check]]
"""By kind of device and metric."""
NAMES: Final = ("plain Python", "cel-python", "cel-expr-python")
_LIBRARIES: Final = {"cel-python": "celpy", "cel-expr-python": "cel_expr_python"}


def missing(name: str) -> str:
    """What has to be installed for a peer; empty if nothing."""
    library = _LIBRARIES.get(name)
    return "" if library is None or find_spec(library) else f"pip install {name}"


def measure(name: str, rules: Sequence[Rule], site: Site, traffic: Sequence[Reading | Sighting]) -> RulePeerFigures:
    """Every value against every threshold of its metric."""
    makers: Mapping[str, Callable[[Limits], _Check]] = {
        "plain Python": _by_hand,
        "cel-python": _by_cel_python,
        "cel-expr-python": _by_cel_expr_python,
    }
    make = makers[name]
    checks: dict[tuple[str, str], list[_Check]] = {}
    for kind, metric, limits in _thresholds(rules, site):
        checks.setdefault((kind, metric), []).append(make(limits))
    readings = [one for one in traffic if isinstance(one, Reading)]
    began_s = time.process_time()
    evaluations, breaches = _run(checks, readings)
    return RulePeerFigures(
        name=name, evals_per_s=round(evaluations / (time.process_time() - began_s)), breaches=breaches
    )


def _run(checks: _Checks, readings: Sequence[Reading]) -> tuple[int, int]:
    evaluations = breaches = 0
    for reading in readings:
        for metric, value in reading.metrics.items():
            for check in checks.get((reading.kind, metric), ()):
                evaluations += 1
                if check(value):
                    breaches += 1
    return evaluations, breaches


def _thresholds(rules: Sequence[Rule], site: Site) -> Iterator[tuple[str, str, Limits]]:
    """The limits of the first device of each kind stand for those of all."""
    for rule in rules:
        if isinstance(rule.spec, Threshold):
            device, port = next(rule.spec.parts(site), (None, None))
            if device is not None and rule.spec.baseline(device) is None:
                for level in rule.spec.levels_for(rule, site, device, port):
                    yield device.kind, rule.spec.metric, level.limits


def _by_hand(limits: Limits) -> _Check:
    low, high = limits.low, limits.high
    return lambda value: not low < value < high


def _condition(limits: Limits) -> str:
    """`x <= 198.0 || x >= inf` with only the side that there is."""
    sides = [f"x <= {limits.low!r}"] if limits.low > float("-inf") else []
    sides += [f"x >= {limits.high!r}"] if limits.high < float("inf") else []
    return " || ".join(sides)


def _by_cel_python(limits: Limits) -> _Check:
    import celpy
    from celpy.celtypes import DoubleType

    environment = celpy.Environment()
    program = environment.program(environment.compile(_condition(limits)))
    return lambda value: bool(program.evaluate({"x": DoubleType(float(value))}))


def _by_cel_expr_python(limits: Limits) -> _Check:
    from cel_expr_python import cel

    expression = cel.NewEnv(variables={"x": cel.Type.DOUBLE}).compile(_condition(limits))
    return lambda value: bool(expression.eval(data={"x": float(value)}).value())
