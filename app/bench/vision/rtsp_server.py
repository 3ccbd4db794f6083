"""RTSP cameras for the measurement, run by the system's Python, which has GStreamer: `rtsp_server.py video.mp4 count`.

Mounts `/0` … play the file from its beginning to whoever comes. It prints its port, and ends with its input.
"""

import sys
import threading

import gi

for module in ("Gst", "GstRtspServer"):
    gi.require_version(module, "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

LAUNCH = "( filesrc location={} ! qtdemux ! h264parse config-interval=1 ! rtph264pay name=pay0 pt=96 )"

Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")
for number in range(int(sys.argv[2])):
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(LAUNCH.format(sys.argv[1]))
    server.get_mount_points().add_factory(f"/{number}", factory)
server.attach(None)
loop = GLib.MainLoop()
threading.Thread(target=lambda: (sys.stdin.read(), loop.quit()), daemon=True).start()
sys.stdout.write(f"{server.get_bound_port()}\n")
sys.stdout.flush()
loop.run()
