"""One model per file of a site. Unknown keys are refused; durations are written `90s`, `30m`, `8h`, `7d`.

`site.yaml` is `settings`, and its parts stand in `mqtt`, `ingest` (with `feeds`), `journal`, `series`, `vision`,
`evidence` and `backup`, or beside this folder; the models of `metrics.yaml`, `profiles.yaml` and `matters.yaml` are
called as the files are.
"""

from config.schema.backup import Backup
from config.schema.evidence import Evidence, Keep, KeepClass
from config.schema.feeds import NATIVE, Envelope, Feed, States
from config.schema.ingest import Ingest
from config.schema.matters import Emergency, Matter, Matters
from config.schema.metrics import Metric, Metrics
from config.schema.mqtt import Mqtt
from config.schema.profiles import Check, Profile, Profiles, SourceField
from config.schema.series import Series
from config.schema.settings import Demo, Settings
from config.schema.vision import Vision
from config.strict import Duration, Hours, Strict, Words, duration_s

__all__ = [
    "NATIVE",
    "Backup",
    "Check",
    "Demo",
    "Duration",
    "Emergency",
    "Envelope",
    "Evidence",
    "Feed",
    "Hours",
    "Ingest",
    "Keep",
    "KeepClass",
    "Matter",
    "Matters",
    "Metric",
    "Metrics",
    "Mqtt",
    "Profile",
    "Profiles",
    "Series",
    "Settings",
    "SourceField",
    "States",
    "Strict",
    "Vision",
    "Words",
    "duration_s",
]
