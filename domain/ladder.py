"""The way from a finding to a corrected shopfront, or to a case, as the book keeps it; and what shops say on it."""

from enum import StrEnum

from msgspec import Struct

from domain.finding import Evidence


class LadderStep(StrEnum):
    """Where a matter is on its way from seen to corrected, or to a case."""

    CONFIRM = "confirm"  # seen; a person has to say whether it is so before anybody is told
    PERMITTED = "permitted"  # allowed by a document until the re-check
    NOTICE_1 = "notice_1"  # told once; waiting for the re-check
    NOTICE_2 = "notice_2"  # told twice; waiting for the last re-check
    SELF_CORRECTED = "self_corrected"
    CASE = "case"
    REJECTED = "rejected"  # a person has said that it is none, before the notice or on the shop's word
    GONE = "gone"  # it was gone before anybody was to be told

    @property
    def is_find(self) -> bool:
        """Whether what came so far counts as a confirmed find; what nobody confirmed, or a paper allows, does not."""
        return self in {LadderStep.NOTICE_1, LadderStep.NOTICE_2, LadderStep.SELF_CORRECTED, LadderStep.CASE}


class Ladder(Struct, frozen=True, kw_only=True):
    """One episode: one matter at one place, from confirmation to its end."""

    id: int
    alarm_id: int
    subject: str
    matter: str
    camera_id: str
    shop_id: str | None
    step: LadderStep
    started_ms: int
    recheck_ms: int
    """When the next re-check is due; of `confirm` when the person is asked again, of `permitted` when leave ends."""
    asked_ms: int | None = None
    """When the camera was last asked for an early look."""
    ended_ms: int | None = None
    confirmed_by: str | None = None
    """The person who said that it is so, or that it is none; None: no person was needed, or none has said it yet."""
    confirmed_ms: int | None = None
    permit: str | None = None
    """The document that allows, or allowed, it."""
    contested_ms: int | None = None
    """Since when a contest of the shop waits for a person; meanwhile nothing else happens on this ladder."""
    context: Evidence | None = None
    """The place before it came."""
    onset: Evidence | None = None
    """When it was first seen; the look that confirmed it, if no earlier picture was kept."""
    confirmed: Evidence | None = None
    """The look on which the rule was sure."""
    cleared: Evidence | None = None
    """The place when it was gone."""


class ReplyKind(StrEnum):
    """What a shop can say to a notice."""

    CORRECTED = "corrected"  # asks for a re-check, and no more
    CONTEST = "contest"  # a person has to decide


class ShopReply(Struct, frozen=True, kw_only=True):
    """What a shop said on its page about an episode; of a contest also what a person decided."""

    id: int
    ladder_id: int
    shop_id: str | None
    matter: str
    kind: ReplyKind
    given_ms: int
    words: str = ""
    picture: str | None = None
    """The name of the photo it sent along. Nobody but the people who decide ever sees it."""
    decided_ms: int | None = None
    decided_by: str | None = None
    upheld: bool | None = None
    """Of a decided contest: whether the shop was right."""
    why: str | None = None


class NoticeRight(Struct, frozen=True, kw_only=True):
    """Whether finds of a matter may lead to notices without a person. A matter without one of these has that right.

    It is lost when too many finds turned out to be none, and only a person gives it back.
    """

    matter: str
    lost_ms: int | None = None
    precision: float | None = None
    """Measured when it was lost: the share of finds that were so."""
    n: int = 0
    """Over so many of them."""
    restored_ms: int | None = None
    """Since when it counts anew."""
    restored_by: str | None = None
    why: str | None = None

    @property
    def is_lost(self) -> bool:
        """Whether a person is needed now."""
        return self.lost_ms is not None and (self.restored_ms is None or self.restored_ms < self.lost_ms)


class Verdicts(Struct, frozen=True, kw_only=True):
    """Of a matter's finds on which the place's people could speak: those that were told, or that a person looked at."""

    n: int
    wrong: int
    """Those that were none."""
    judged: int
    """Those that a person judged, `wrong` among them; of the others nobody has said that they were none."""
