"""Looks as they go over the wire."""

import msgspec

from domain.sighting import SeenObject, Sighting, ViewHealth, ZoneSighting
from vision.wire import asks_to_look, payload_of


def test_a_look_has_the_agreed_shape() -> None:
    """The words of the wire, the box as four shares, and nothing that is not known."""
    seen = SeenObject(label="bicycle", score=0.5, box=(0.1, 0.2, 0.3, 0.4), overlap=0.9, stay_s=60.0, looks=2)
    sighting = Sighting(
        camera_id="cam-1",
        look_id="cam-1-5",
        taken_ms=5,
        received_ms=5,
        view=ViewHealth.HEALTHY,
        zones=(ZoneSighting(zone="front", shop_id="shop-1", objects=(seen,)), ZoneSighting(zone="back", unsure=True)),
        picture="cam-1/19700101/cam-1-5",
        picture_sha256="ab",
        model="m.onnx",
        model_sha256="cd",
    )
    assert msgspec.json.decode(payload_of(sighting)) == {
        "look_id": "cam-1-5",
        "taken_at": 5,
        "view": "healthy",
        "zones": [
            {
                "zone": "front",
                "shop_id": "shop-1",
                "objects": [
                    {
                        "class": "bicycle",
                        "score": 0.5,
                        "box": [0.1, 0.2, 0.3, 0.4],
                        "overlap": 0.9,
                        "stay_s": 60.0,
                        "looks": 2,
                    }
                ],
            },
            {"zone": "back", "shop_id": None, "objects": [], "unsure": True},
        ],
        "picture": "cam-1/19700101/cam-1-5",
        "picture_sha256": "ab",
        "model": "m.onnx",
        "model_sha256": "cd",
    }


def test_only_the_order_to_look_is_one() -> None:
    """Other commands, and what is no JSON, are somebody else's."""
    assert asks_to_look(b'{"command":"look_now","reason":"recheck"}')
    assert not asks_to_look(b'{"command":"reboot"}')
    assert not asks_to_look(b'["look_now"]')
    assert not asks_to_look(b"\xff\x00")
