"""Every page that keeps itself up to date, by its name."""

from typing import Final

from msgspec import Struct

from console.pages.alarm import alarm_view
from console.pages.alarms_list import AskAlarmsPage, alarms_view
from console.pages.camera import camera_view
from console.pages.camera_wall import AskCamerasPage, cameras_view
from console.pages.case import case_view
from console.pages.case_list import AskCasesPage, cases_view
from console.pages.device import AskDevicePage, device_view
from console.pages.devices import AskDevicesPage, devices_view
from console.pages.events import AskEvents, events_view
from console.pages.figures import AskFigures, figures_view
from console.pages.health import health_view
from console.pages.letters import AskLettersPage, letter_view, letters_view
from console.pages.looking import Answer, AskPage
from console.pages.map import AskMapPage, map_view
from console.pages.overview import overview_view
from console.pages.replay import replay_view
from console.pages.review import AskReviewPage, review_view
from console.pages.rule import AskRulePage, rule_view
from console.pages.rules import AskRulesPage, rules_view
from console.pages.silences import AskSilencesPage, silences_view
from console.pages.zone_editor import zones_view
from domain.permission import Permission


class LiveView(Struct, frozen=True, kw_only=True):
    """A page of which the sections are sent again when they change."""

    answer: Answer
    template: str
    """Of the whole page; each section of it is `sections/{section}.html`."""
    rail: str
    """The place of the rail that is marked as here."""
    asks: type[AskPage] = AskPage
    """What its query may say; anything else is refused."""
    needs: Permission = Permission.READ


LIVE: Final[dict[str, LiveView]] = {
    "overview": LiveView(answer=overview_view, template="overview.html", rail="overview"),
    "figures": LiveView(answer=figures_view, template="figures.html", rail="figures", asks=AskFigures),
    "map": LiveView(answer=map_view, template="map.html", rail="map", asks=AskMapPage),
    "review": LiveView(
        answer=review_view, template="review.html", rail="review", asks=AskReviewPage, needs=Permission.CONFIRM
    ),
    "alarms": LiveView(answer=alarms_view, template="alarms.html", rail="overview", asks=AskAlarmsPage),
    "alarm": LiveView(answer=alarm_view, template="alarm.html", rail="overview"),
    "cases": LiveView(answer=cases_view, template="cases.html", rail="cases", asks=AskCasesPage),
    "case": LiveView(answer=case_view, template="case.html", rail="cases"),
    "devices": LiveView(answer=devices_view, template="devices.html", rail="devices", asks=AskDevicesPage),
    "device": LiveView(answer=device_view, template="device.html", rail="devices", asks=AskDevicePage),
    "rules": LiveView(answer=rules_view, template="rules.html", rail="rules", asks=AskRulesPage),
    "rule": LiveView(answer=rule_view, template="rule.html", rail="rules", asks=AskRulePage),
    "silences": LiveView(answer=silences_view, template="silences.html", rail="rules", asks=AskSilencesPage),
    "replay": LiveView(answer=replay_view, template="replay.html", rail="rules"),
    "events": LiveView(answer=events_view, template="events.html", rail="events", asks=AskEvents),
    "deadletters": LiveView(answer=letters_view, template="deadletters.html", rail="deadletters", asks=AskLettersPage),
    "deadletter": LiveView(answer=letter_view, template="deadletter.html", rail="deadletters"),
    "health": LiveView(answer=health_view, template="health.html", rail="health"),
    "cameras": LiveView(answer=cameras_view, template="cameras.html", rail="cameras", asks=AskCamerasPage),
    "camera": LiveView(answer=camera_view, template="camera.html", rail="cameras"),
    "zones": LiveView(answer=zones_view, template="zones.html", rail="cameras"),
}
