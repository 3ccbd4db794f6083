"""Many notices to one address as one message that lists them: how many of what and where, the worst first."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from cases.notices.wording import Wording
from config.load import Site
from config.texts import LANGUAGES
from domain.finding import Severity
from domain.notice import Notice, NoticeState

_ITEMS: Final = 10
_MATTERS: Final = 8
_ROADS: Final = 3
_SHORT_MATTERS: Final = 3


class Digest:
    """Writes digests. Of the same notices it always writes the same: a repeat must be known for one."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._texts = site.texts
        self._words = Wording(site)

    def write(self, key: str, members: Sequence[Notice]) -> Notice:
        """One message of several notices to the same address."""
        worst_first = sorted(members, key=lambda notice: (-_rank(notice), notice.created_ms, notice.id))
        first, urgent = worst_first[0], any(notice.urgent for notice in members)
        chinese, english = LANGUAGES
        recipients = {notice.recipient for notice in members}
        return Notice(
            id=0,
            key=key,
            channel=first.channel,
            address=first.address,
            recipient=first.recipient if len(recipients) == 1 else first.address,
            step="digest_urgent" if urgent else "digest",
            subject=first.subject,
            body={
                "text_zh": self._text(chinese, worst_first, urgent=urgent),
                "text_en": self._text(english, worst_first, urgent=urgent),
                "matters_zh": self._matters(chinese, worst_first),
                "matters_en": self._matters(english, worst_first),
                "first_zh": self._first(chinese, first),
                "first_en": self._first(english, first),
                "severity": str(first.body.get("severity") or Severity.NOTICE.value),
                "n": len(members),
                "created_ms": min(notice.created_ms for notice in members),
                "newest_ms": max(notice.created_ms for notice in members),
            },
            state=NoticeState.PENDING,
            created_ms=min(notice.created_ms for notice in members),
            not_before_ms=min(notice.not_before_ms for notice in members),
            urgent=urgent,
        )

    def _text(self, language: str, members: Sequence[Notice], *, urgent: bool) -> str:
        say = self._texts.say
        head = {
            "city": self._words.facts(members[0], language)["city"],
            "n": len(members),
            "begins": self._words.time(language, min(notice.created_ms for notice in members)),
            "ends": self._words.time(language, max(notice.created_ms for notice in members)),
        }
        lines = [say(language, f"messages.digest.head{'_urgent' if urgent else ''}", head)]
        lines += [say(language, "messages.digest.counts"), *self._counts(language, members)]
        lines += [say(language, "messages.digest.first")]
        lines += [f"{number}. {self._item(language, one)}" for number, one in enumerate(members[:_ITEMS], 1)]
        if len(members) > _ITEMS:
            lines.append(say(language, "messages.digest.more", {"n": len(members) - _ITEMS}))
        return "\n".join(lines)

    def _counts(self, language: str, members: Sequence[Notice]) -> list[str]:
        """A line for each matter, the most frequent first, with the roads where it is most."""
        by_matter = Counter(self._words.matter(notice, language) for notice in members)
        lines = []
        for matter, n in by_matter.most_common(_MATTERS):
            roads = Counter(
                self._words.road(notice) or self._texts.say(language, "messages.other")
                for notice in members
                if self._words.matter(notice, language) == matter
            )
            facts = {"matter": matter, "n": n, "roads": self._roads(language, roads)}
            lines.append(f"- {self._texts.say(language, 'messages.digest.matter', facts)}")
        if len(by_matter) > _MATTERS:
            rest = sum(n for _matter, n in by_matter.most_common()[_MATTERS:])
            other = {
                "matter": self._texts.say(language, "messages.other"),
                "n": rest,
                "roads": len(by_matter) - _MATTERS,
            }
            lines.append(f"- {self._texts.say(language, 'messages.digest.matter', other)}")
        return lines

    def _roads(self, language: str, roads: Counter[str]) -> str:
        say = self._texts.say
        named = [say(language, "messages.digest.road", {"road": road, "n": n}) for road, n in roads.most_common(_ROADS)]
        rest = roads.most_common()[_ROADS:]
        if rest:
            named.append(
                say(language, "messages.digest.roads_more", {"n": len(rest), "m": sum(n for _road, n in rest)})
            )
        return say(language, "messages.digest.between").join(named)

    def _item(self, language: str, notice: Notice) -> str:
        facts = self._words.facts(notice, language)
        item = self._texts.say(language, f"messages.digest.item{'_case' if notice.case_id else ''}", facts)
        link = notice.body.get("link")
        return self._texts.say(language, "messages.digest.item_link", {"item": item, "link": link}) if link else item

    def _matters(self, language: str, members: Sequence[Notice]) -> str:
        """In few words, for an SMS."""
        common = Counter(self._words.matter(notice, language) for notice in members).most_common(_SHORT_MATTERS)
        each = [self._texts.say(language, "messages.digest.road", {"road": matter, "n": n}) for matter, n in common]
        return self._texts.say(language, "messages.digest.between").join(each)

    def _first(self, language: str, notice: Notice) -> str:
        return self._texts.say(
            language,
            "messages.digest.road",
            {"road": self._words.place(notice, language), "n": self._words.matter(notice, language)},
        )


def _rank(notice: Notice) -> int:
    severity = notice.body.get("severity")
    return Severity(severity).rank if isinstance(severity, str) else Severity.NOTICE.rank
