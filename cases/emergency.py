"""What goes past teams, office hours, ladders and groups: fire, and what can fall on people."""

from cases.scene import matter_of, scene_of
from cases.silencing import is_safety
from config.load import Site
from config.schema import Emergency, Matter
from config.texts import LANGUAGES
from domain.case import Alarm, Case


def is_urgent(alarm: Alarm, site: Site) -> bool:
    """Whether people are told of it at once and one by one: it is critical or latched, or its matter says so."""
    path = _path(matter_of(alarm.matter or "", site))
    return is_safety(alarm) or (path is not None and alarm.severity.rank >= path.from_.rank)


def emergency_of(found: Alarm | Case, site: Site) -> Emergency | None:
    """The emergency path that an alarm takes, or that a case is on; None for the usual one."""
    path = _path(matter_of(found.matter or "", site))
    if path is None:
        return None
    if isinstance(found, Alarm):
        return path if is_urgent(found, site) else None
    return path if found.severity.rank >= path.from_.rank or _went_past_its_team(found, site) else None


def is_the_desks(found: Alarm | Case, site: Site) -> bool:
    """Whether the duty desk handles it, and it is filed and dispatched the moment it comes."""
    return matter_of(found.matter or "", site).unit == "duty_desk" or emergency_of(found, site) is not None


def becomes_emergency(case: Case, alarm: Alarm, site: Site) -> bool:
    """Whether a case that was none becomes an emergency by this alarm."""
    return emergency_of(alarm, site) is not None and emergency_of(case, site) is None


def _path(matter: Matter) -> Emergency | None:
    """A matter that is all the desk's has a path, too: of what is critical, in its own time."""
    if matter.emergency is None and matter.unit == "duty_desk":
        return Emergency(handle_within=matter.handle_within)
    return matter.emergency


def _went_past_its_team(case: Case, site: Site) -> bool:
    """Whether the desk has what is a team's: a latched alarm brought it there, however mild it is."""
    if matter_of(case.matter, site).unit == "duty_desk" or scene_of(case, site).location is None:
        return False
    return case.unit in {site.texts.say(language, "notices.desk") for language in LANGUAGES}
