"""Where the demo's parts listen, all on loopback: as the demo site's files expect them, or elsewhere if taken."""

import socket

BROKER = 18830
CAMERAS = 18671
SILENT = 18672
SEED = 20221231
"""The city's chance: the same incidents, the same shopkeepers, every time."""


def is_free(port: int) -> bool:
    """Whether nobody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free(port: int) -> int:
    """This port, or another that is free now: its number is known before anybody listens there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", port if is_free(port) else 0))
        return int(probe.getsockname()[1])


def free_or_any(port: int) -> int:
    """This port, or 0, for any, if it is taken."""
    return port if is_free(port) else 0
