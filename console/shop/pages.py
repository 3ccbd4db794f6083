"""The page of an episode, filled: for its shop, or for whoever is asked whether it is so. It names no other shop, no
camera and no person."""

from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from msgspec import Struct

from cases.ladder import compressed_ms
from cases.scene import matter_of, scene_of
from cases.shop_links import Holder, ShopLinks
from config.load import Site
from config.texts import LANGUAGES
from console.desk.city import Desk
from console.shop.state import Answer, Episode, State, answer_to
from console.shop.words import ShopWords
from domain.finding import Evidence

FOLDER: Final = Path(__file__).parent.parent
LONGEST_WORDS: Final = 500


class Reason(StrEnum):
    """Why a shop contests."""

    NOT_MINE = "not_mine"
    PERMIT = "permit"
    DONE = "done"
    MISTAKEN = "mistaken"
    OTHER = "other"


class Doubt(StrEnum):
    """Why it is not so."""

    GONE = "gone"
    MISTAKEN = "mistaken"
    PASSERBY = "passerby"
    ELSEWHERE = "elsewhere"
    OTHER = "other"


class Shot(Struct, frozen=True, kw_only=True):
    """A picture on the page: `which` of the episode's, and what stands below it."""

    which: str
    caption: str


class Asked(Struct, frozen=True, kw_only=True):
    """For what a page is made: by which link, in which language, at what time."""

    token: str
    language: str
    now_ms: int
    up: str = "./"
    """From the request's address to the folder of the page: `../` where a form was sent. Never empty: a token must not
    be read as an address of its own."""


class ShopPages:
    """All that a shop is answered. Every method that takes an episode blocks: call it in a thread."""

    def __init__(self, desk: Desk, site: Site) -> None:
        self.links = ShopLinks.of(site)
        self._desk, self._site = desk, site
        self._templates = Environment(
            loader=FileSystemLoader(FOLDER / "templates" / "shop"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.style = (FOLDER / "static" / "shop.css").read_bytes()
        self.icon = (FOLDER / "static" / "favicon.svg").read_bytes()
        self._build = sha256(self.style).hexdigest()[:10]

    def language(self, chosen: str | None) -> str:
        """The one chosen, else the site's own."""
        return chosen if chosen in LANGUAGES else self._site.settings.language

    def episode(self, token: str, now_ms: int) -> Episode | None:
        """What a link is for; None for one that is none, too old, or of an episode that is not there."""
        claim = self.links.claim(token)
        ladder = self._desk.shops.ladder(claim.ladder_id) if claim else None
        if claim is None or ladder is None or not self.links.holds(claim, ladder, now_ms):
            return None
        alarm = self._desk.alarm(ladder.alarm_id)
        if alarm is None:
            return None
        return Episode(
            holder=claim.holder,
            ladder=ladder,
            alarm=alarm,
            replies=self._desk.shops.replies(ladder.id),
            case=self._desk.shops.case_of(ladder.id) if ladder.ended_ms is not None else None,
        )

    def picture(self, episode: Episode, which: str) -> bytes | None:
        """A JPEG of the shop's own zone; None if there is none."""
        look = _looks(episode).get(which)
        zone = episode.alarm.zone
        return self._desk.shops.picture(look.picture, zone) if look and look.picture and zone else None

    def page(self, episode: Episode, asked: Asked, *, problem: str = "") -> str:
        """The whole page, as it is for whoever has the link; `problem` is a key of `shop`."""
        if episode.holder is not Holder.SHOP:
            return self._question(episode, asked, problem=problem)
        words = ShopWords(self._site, asked.language, asked.now_ms)
        scene = scene_of(episode.alarm, self._site)
        matter = matter_of(episode.ladder.matter, self._site)
        shots = self._shots(episode, words)
        return self._fill(
            "page.html",
            asked,
            words,
            state=episode.state,
            says=self._says(episode, words),
            notes=self._notes(episode, words),
            problem=words.text(problem) if problem else "",
            contest_open=problem == "problem.reason",
            shop=scene.shop.name if scene.shop else "",
            where=words.text("where", road=scene.location.road) if scene.location else "",
            what=words.pick(matter.zh, matter.en),
            says_what=episode.can_correct,
            advice=words.pick(matter.advice.zh, matter.advice.en),
            since=words.time(episode.alarm.since_ms),
            contact=words.text("contact", sub_district=scene.location.sub_district) if scene.location else "",
            episode=episode,
            shots=_at_once(shots),
            more=[shot for shot in shots if shot not in _at_once(shots)],
            reasons=tuple(Reason),
            longest_words=LONGEST_WORDS,
        )

    def apology(self, kind: str, asked: Asked, *, minutes: int = 0) -> str:
        """A page of a few words: `wrong`, `too_often` or `failed`."""
        words = ShopWords(self._site, asked.language, asked.now_ms)
        one = "too_often.text.one" if minutes == 1 else "too_often.text.many"
        text = words.text(one, n=minutes) if kind == "too_often" else words.text(f"{kind}.text")
        return self._fill("apology.html", asked, words, headline=words.text(f"{kind}.title"), text=text)

    def reason_words(self, reason: Reason | Doubt, words: str) -> str:
        """What is kept of a contest, or of why it is not so: the reason and their own words, in the site's language."""
        said = ShopWords(self._site, self._site.settings.language, 0)
        named = said.text(f"{_REASONS[type(reason)]}.{reason}")
        return said.text("reason_with_words", reason=named, words=words) if words else named

    def _question(self, episode: Episode, asked: Asked, *, problem: str) -> str:
        words = ShopWords(self._site, asked.language, asked.now_ms)
        scene, ladder = scene_of(episode.alarm, self._site), episode.ladder
        matter, answer = matter_of(ladder.matter, self._site), answer_to(episode)
        outcome = "contested" if ladder.contested_ms is not None else ladder.step.value
        return self._fill(
            "question.html",
            asked,
            words,
            answer=answer,
            waits=answer is Answer.WAITS,
            says=words.text(
                f"question.outcome.{outcome}",
                deadline=words.time(ladder.recheck_ms),
                ended=words.time(ladder.ended_ms or words.now_ms),
                case_id=episode.case.id if episode.case else "",
            ),
            answered=words.text("question.answered", at=words.time(ladder.confirmed_ms)) if ladder.confirmed_ms else "",
            problem=words.text(problem) if problem else "",
            reject_open=problem == "problem.reason",
            frontage=scene.frontage,
            where=scene.location.road if scene.location else "",
            what=words.pick(matter.zh, matter.en),
            since=words.time(episode.alarm.since_ms),
            shots=_at_once(self._shots(episode, words)),
            reasons=tuple(Doubt),
            longest_words=LONGEST_WORDS,
        )

    def _says(self, episode: Episode, words: ShopWords) -> str:
        ladder, state = episode.ladder, episode.state
        key, patience_ms = f"says.{state}", self._patience_ms(episode)
        matter = matter_of(ladder.matter, self._site)
        if state is State.LOOKING and episode.said_done and words.now_ms > episode.said_done.given_ms + patience_ms:
            key = "says.looking_late"
        elif episode.can_correct and words.now_ms > ladder.recheck_ms:
            key = "says.late"
        elif state is State.CONTESTED and episode.case:
            key = "says.contested_case"
        return words.text(
            key,
            what=words.pick(matter.zh, matter.en),
            deadline=words.time(ladder.recheck_ms),
            minutes=max(round(patience_ms / 60_000), 1),
            ended=words.time(ladder.ended_ms or words.now_ms),
            case_id=episode.case.id if episode.case else "",
            unit=episode.case.unit if episode.case else "",
        )

    def _notes(self, episode: Episode, words: ShopWords) -> list[str]:
        notes = []
        if episode.can_correct and episode.seen_since:
            notes.append(words.text("still", seen=words.time(episode.alarm.seen_ms)))
        contest = episode.contest
        if contest and contest.upheld is False:
            notes.append(words.text("refused", why=contest.why or "").strip())
        return notes

    def _patience_ms(self, episode: Episode) -> int:
        return compressed_ms(self._site.settings.ladder.way(episode.ladder.matter).recheck_patience, self._site)

    def _shots(self, episode: Episode, words: ShopWords) -> list[Shot]:
        looks = _looks(episode)
        captions = "picture" if episode.holder is Holder.SHOP else "question.picture"
        return [
            Shot(which=which, caption=words.text(f"{captions}.{which}", at=words.time(look.taken_ms)))
            for which, look in looks.items()
            if self.picture(episode, which) is not None
        ]

    def _fill(self, name: str, asked: Asked, words: ShopWords, **facts: object) -> str:
        own = self._site.settings.language
        return self._templates.get_template(name).render(
            t=words.text,
            words=words,
            up=asked.up,
            token=asked.token,
            query="" if asked.language == own else f"?lang={asked.language}",
            other=next(one for one in LANGUAGES if one != asked.language),
            build=self._build,
            **facts,
        )


_REASONS: Final = {Reason: "reason", Doubt: "question.reason"}


def _looks(episode: Episode) -> dict[str, Evidence]:
    """The pictures of an episode by what they show, in the order in which they are shown; each picture once."""
    ladder, newest = episode.ladder, episode.alarm.evidence
    newer = newest and ladder.cleared is None and ladder.confirmed and newest.taken_ms > ladder.confirmed.taken_ms
    known = {
        "latest": newest if newer else None,
        "confirmed": ladder.confirmed,
        "cleared": ladder.cleared,
        "onset": ladder.onset,
        "context": ladder.context,
    }
    found: dict[str, Evidence] = {}
    for which, look in known.items():
        if look and look.picture and look.picture not in {one.picture for one in found.values()}:
            found[which] = look
    return found


def _at_once(shots: list[Shot]) -> list[Shot]:
    """What is spoken of, and how it is now that it is over. The others cost their reader data only if they are asked
    for."""
    spoken_of = [shot for shot in shots if shot.which != "cleared"][:1]
    return [*spoken_of, *(shot for shot in shots if shot.which == "cleared")]
