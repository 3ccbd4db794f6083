"""The words of reports, in one language."""

from datetime import datetime

from cases.kpi.period import Period, Span
from cases.kpi.place import By, Key
from cases.kpi.share import Share
from config.load import Site
from console.words import Words
from domain.case import Case
from domain.clock import utc


class ReportWords:
    """Texts `report.…`, names of parts, and figures as people read them."""

    def __init__(self, site: Site, language: str, now_ms: int) -> None:
        self.language = language
        self._site = site
        self._words = Words(site, language, now_ms)

    def say(self, key: str, **facts: object) -> str:
        """The text `report.<key>`."""
        return self._site.texts.say(self.language, f"report.{key}", facts)

    def pick(self, zh: str, en: str) -> str:
        """The one of two that is in this language."""
        return self._words.pick(zh, en)

    def title(self, period: Period) -> str:
        """`2026 年 11 月月报`."""
        facts = {"year": period.first.year, "month": period.first.month, "day": period.first.day}
        quarter = (period.first.month + 2) // 3
        return self.say(f"title.{period.span.value}", city=self.city, name=period.name, quarter=quarter, **facts)

    @property
    def city(self) -> str:
        """What the site is called."""
        return self.pick(self._site.settings.name.zh, self._site.settings.name.en)

    def part(self, by: By, key: Key) -> str:
        """A part of a grouping by its name: a shop's with its number, a matter's with its code."""
        name = key[-1]
        if by is By.SHOP and (shop := self._site.shops.get(name)):
            return f"{shop.name} {name}"
        if by is By.MATTER and (matter := self._site.matters.get(name)):
            return f"{name} {self.pick(matter.zh, matter.en)}"
        return name

    def around(self, by: By, key: Key) -> str:
        """What a part lies in, where its own name does not say: a shop's road, a road's district."""
        shop = self._site.shops.get(key[0]) if by is By.SHOP else None
        if shop:
            return shop.location.road
        return key[0] if len(key) > 1 else ""

    def place(self, case: Case) -> str:
        """Where a case is: the shop, or the device, and its road."""
        shop = self._site.shops.get(case.shop_id or "")
        found = shop or self._site.devices.get(case.device_id) or self._site.cameras.get(case.device_id)
        return f"{found.location.road} {found.name}" if found else case.subject

    def share(self, share: Share) -> str:
        """`87.5 %`; `–` of nothing."""
        return "–" if share.value is None else f"{share.value * 100:.1f} %"

    def of(self, share: Share) -> str:
        """`14 / 16`."""
        return f"{share.numerator:,} / {share.denominator:,}"

    def change(self, now: Share, before: Share) -> str:
        """By how many points of a hundred it has changed; empty if one of them is not."""
        if now.value is None or before.value is None:
            return ""
        return f"{(now.value - before.value) * 100:+.1f}".replace("-", "−")

    def lasting(self, ms: int | None) -> str:
        """`1 小时 12 分`; `–` of nothing."""
        return "–" if ms is None else self._words.lasting(ms / 1000)

    def reason(self, name: str) -> str:
        """Why cases were closed."""
        return self._words.term("closed_reason", name)

    def at(self, at_ms: int) -> str:
        """A moment on the site's clock."""
        return f"{self.local(at_ms):%Y-%m-%d %H:%M}"

    def local(self, at_ms: int) -> datetime:
        """A moment in the site's zone."""
        return utc(at_ms).astimezone(self._site.timezone)

    def short(self, part: Period, of: Period) -> str:
        """A part of a trend under its bar: the day of a month, the first day of a week."""
        return str(part.first.day) if of.span is Span.MONTH else f"{part.first.month}/{part.first.day}"
