"""What the demo says to paste into another shell."""

import subprocess
from pathlib import Path

from app.demo.run import shell_line


def test_a_shell_takes_it_as_it_is() -> None:
    """Whatever the folder is called."""
    data = Path("/tmp/long cheng's $HOME")  # noqa: S108 a name only
    line = shell_line(data / "site", data, "mqtt://127.0.0.1:18830")
    names = ("LONGCHENG_SITE", "LONGCHENG_DATA", "LONGCHENG_MQTT_URL")

    said = subprocess.run(
        ["/bin/sh", "-c", f"{line}; printenv {' '.join(names)}"], capture_output=True, text=True, check=True
    )

    assert said.stdout.splitlines() == [str(data / "site"), str(data), "mqtt://127.0.0.1:18830"]
