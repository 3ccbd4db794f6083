"""Looking at cameras: a picture comes in, a sighting goes out over MQTT like any other sensor's reading."""
