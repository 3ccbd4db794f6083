"""The code on the page about the platform believes what we sign, and nothing else."""

import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cases.platform.signature import signed
from tests.cases.platform.receiver import SECRET

PAGE = (Path(__file__).parents[3] / "docs" / "platform.md").read_text(encoding="utf-8")
BODY = '{"key": "202611223204000001/3", "who": "王工"}'.encode()
NOW_S = 1_795_312_800
HEADER = signed([SECRET], BODY, NOW_S * 1000)


def code(language: str) -> str:
    """The one example in a language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


@pytest.fixture
def is_ours() -> Callable[..., bool]:
    """As on the page."""
    names: dict[str, Any] = {}
    exec(code("python"), names)  # noqa: S102 - our own page
    found: Callable[..., bool] = names["is_ours"]
    return found


def test_python_believes_what_we_sign(is_ours: Callable[..., bool]) -> None:
    """With either of two secrets, and with a clock that is a little off."""
    both = signed(["the-secret-from-before", SECRET], BODY, NOW_S * 1000)

    assert is_ours(HEADER, BODY, SECRET, NOW_S)
    assert is_ours(HEADER, BODY, SECRET, NOW_S + 299)
    assert is_ours(both, BODY, SECRET, NOW_S)
    assert is_ours(both, BODY, "the-secret-from-before", NOW_S)


@pytest.mark.parametrize(
    ("header", "body", "secret", "now_s"),
    [
        (HEADER, BODY + b" ", SECRET, NOW_S),
        (HEADER, BODY, "another-secret-of-16", NOW_S),
        (HEADER, BODY, SECRET, NOW_S + 301),
        (HEADER, BODY, SECRET, NOW_S - 301),
        (HEADER.replace(str(NOW_S), str(NOW_S + 1)), BODY, SECRET, NOW_S),
        (HEADER.replace("v1=", "v0="), BODY, SECRET, NOW_S),
        (f"sha256={HEADER[-64:]}", BODY, SECRET, NOW_S),
        (f"t={NOW_S}", BODY, SECRET, NOW_S),
        (f"t=²,v1={HEADER[-64:]}", BODY, SECRET, NOW_S),
        (f"t={NOW_S},v1=ü", BODY, SECRET, NOW_S),
        ("", BODY, SECRET, NOW_S),
    ],
)
def test_python_believes_nothing_else(
    header: str, body: bytes, secret: str, now_s: int, is_ours: Callable[..., bool]
) -> None:
    """Another body, another secret, too old, too new, or no signature at all."""
    assert not is_ours(header, body, secret, now_s)


@pytest.mark.skipif(shutil.which("java") is None, reason="there is no java")
def test_java_does_the_same(tmp_path: Path) -> None:
    """Compiled and run; the last of each line is what is expected."""
    now_ms = time.time_ns() // 1_000_000
    header = signed([SECRET], BODY, now_ms)
    asked = [
        (header, SECRET, "true"),
        (signed(["the-secret-from-before", SECRET], BODY, now_ms), SECRET, "true"),
        (header, "another-secret-of-16", "false"),
        (signed([SECRET], BODY, now_ms - 301_000), SECRET, "false"),
        (f"sha256={header[-64:]}", SECRET, "false"),
        ("", SECRET, "false"),
    ]
    main = f"""
    public static void main(String[] asked) throws Exception {{
        byte[] body = java.util.HexFormat.of().parseHex("{BODY.hex()}");
        for (int at = 0; at < asked.length; at += 2) System.out.println(isOurs(asked[at], body, asked[at + 1]));
    }}
}}
"""
    source = tmp_path / "Longcheng.java"
    source.write_text(code("java").rstrip().removesuffix("}") + main, encoding="utf-8")
    words = ["java", str(source), *(word for header, secret, _ in asked for word in (header, secret))]
    said = subprocess.run(words, check=True, capture_output=True, text=True, timeout=120).stdout.split()

    assert said == [expected for _header, _secret, expected in asked]
