"""A real RTSP server for tests. The system's Python runs it, which has GStreamer: `rtsp_server.py road=/a.mp4 …`.

Each name is a mount that plays its file from the beginning to whoever comes, once; as H.264, or as H.265 if the file's
name says so. It listens on three ports, which it prints: one is open to all, one asks for a password by `basic`, one by
`digest`. It ends with its standard input.
"""

import sys
import threading

import gi

for module in ("Gst", "GstRtsp", "GstRtspServer"):
    gi.require_version(module, "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

USER, PASSWORD = "looker", "s3cret:w@rd"
LAUNCH = "( filesrc location={0} ! qtdemux ! {1}parse config-interval=1 ! rtp{1}pay name=pay0 pt=96 )"


def serve(mounts: dict[str, str], method: "GstRtsp.RTSPAuthMethod | None") -> "GstRtspServer.RTSPServer":
    """One server that listens on a free port, with a password or without."""
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    if method is not None:
        auth = GstRtspServer.RTSPAuth()
        auth.set_supported_methods(method)
        token = GstRtspServer.RTSPToken()
        token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, USER)
        if method == GstRtsp.RTSPAuthMethod.BASIC:
            auth.add_basic(GstRtspServer.RTSPAuth.make_basic(USER, PASSWORD), token)
        else:
            auth.add_digest(USER, PASSWORD, token)
        server.set_auth(auth)
    for name, file in mounts.items():
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(LAUNCH.format(file, "h265" if "h265" in file else "h264"))
        if method is not None:
            role = Gst.Structure.new_from_string(f"{USER}, media.factory.access=true, media.factory.construct=true")
            permissions = GstRtspServer.RTSPPermissions()
            permissions.add_role_from_structure(role)
            factory.set_permissions(permissions)
        server.get_mount_points().add_factory(f"/{name}", factory)
    server.attach(None)
    return server


def main() -> None:
    """Serve until the input ends."""
    Gst.init(None)
    mounts = dict(argument.split("=", 1) for argument in sys.argv[1:])
    methods = (None, GstRtsp.RTSPAuthMethod.BASIC, GstRtsp.RTSPAuthMethod.DIGEST)
    servers = [serve(mounts, method) for method in methods]
    loop = GLib.MainLoop()
    threading.Thread(target=lambda: (sys.stdin.read(), loop.quit()), daemon=True).start()
    print(*(server.get_bound_port() for server in servers), flush=True)  # noqa: T201
    loop.run()


main()
