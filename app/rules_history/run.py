"""The rules over the stored history of a site."""

from collections.abc import Sequence

from app.rules_history.hearing import Hearing
from app.rules_history.play import Progress, play
from app.rules_history.quick import QuickHistory
from app.rules_history.sharing import Work, share_out
from app.rules_history.stretch import Stretch, answerable, every_reading
from config.load import Site
from rules.replay import AlarmSpan
from rules.rule import Rule
from storage.series.embedded import EmbeddedSeries
from storage.series.store import SeriesStore


def replay(
    store: SeriesStore,
    site: Site,
    versions: Sequence[tuple[Rule, ...]],
    stretch: Stretch,
    *,
    progress: Progress = lambda _readings, _share: None,
    plain: bool = False,
    jobs: int = 1,
) -> list[tuple[AlarmSpan, ...]]:
    """For each version of the rules, the alarms that stood at some time of the stretch.

    The history is read once. `plain`: every reading of it, also of an embedded store; `jobs`: so many processes share
    the devices of an embedded store, if they can be told apart. The alarms are the same either way.
    """
    versions = [answerable(rules, site) for rules in versions]
    if isinstance(store, EmbeddedSeries) and not plain and jobs > 1:
        shared = share_out(store, Work(site=site, versions=versions, stretch=stretch), jobs, progress)
        if shared is not None:
            return shared
    if isinstance(store, EmbeddedSeries) and not plain:
        hearing = Hearing(site, versions)
        pieces = QuickHistory(store, site, stretch, hearing).pieces()
        return play(pieces, site, versions, stretch, progress=progress, noting=hearing)
    return play(every_reading(store, site, stretch), site, versions, stretch, progress=progress)
