"""How notices go out: over which ways, how many at most, in which groups, and who is told when nobody answers."""

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, StringConstraints, model_validator

from config.strict import Duration, Rates, Strict

PEOPLE: Final = "people"
"""The channel of notices whose ways out are still to be looked up: by `serve`, as it is set up; whoever writes one,
from whatever shell, knows none."""
NOBODY: Final = "nobody"
"""The channel of notices that lead to nobody."""
# A tenth below what the providers say, as what leaves us evenly arrives in bunches.
_RATES: Final = {
    "wecom": "18:60",  # WeCom group bot: 20 a minute
    "dingtalk": "18:60",  # DingTalk bot: 20 a minute, and ten minutes of silence for the next
    "feishu": "90:60,4:1",  # Feishu bot: 100 a minute and 5 a second
    "wecom-app": "27:60,900:3600",  # WeCom application: 30 a minute and 1000 an hour for each member
    "apprise": "18:60",
    "sms": "60:60",
    "voice": "60:60",
}
_SMTP_RATE: Final = "60:60"
_OF_PHONES: Final = ("method", "headers", "body", "encoding", "success", "max_segments")
"""Settings of gateways that reach people by their number."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
TAKEN: Final = frozenset({"command", "log", "mailto", "mqtt", NOBODY, PEOPLE, "smtp", "webhook"})


class Smtp(Strict):
    """A mail server that takes our mails."""

    host: str
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = Field(default="starttls", description="tls: from the first byte")
    ca_file: Path | None = Field(default=None, description="whom to trust; empty: whom the system trusts")
    username: str = ""
    password: str = Field(default="", repr=False)
    sender: str = Field(pattern=r"^[^@\s]+@[^@\s]+$", description="the address the mails come from")
    timeout: Duration = 20.0
    rate: Rates = _SMTP_RATE

    @model_validator(mode="after")
    def _no_login_in_the_open(self) -> "Smtp":
        if self.username and self.security == "none":
            raise ValueError("a login over security: none could be read by anyone; use starttls or tls")
        return self


class Success(Strict):
    """How an answer of a gateway says that it took the message, beside its status 2xx."""

    path: str = Field(description="where in the JSON answer, as a.b.0.c")
    values: tuple[str | int | bool, ...] = Field(description="what stands there if it did")
    busy: tuple[str | int, ...] = Field(default=(), description="what stands there if a later try can help")
    receipt: str = Field(default="", description="where the provider's id of the message stands")


class Gateway(Strict):
    """A way to people through a provider: a bot of a group chat, a gateway for SMS or for calls, or what Apprise
    knows."""

    kind: Literal["wecom", "dingtalk", "feishu", "wecom-app", "sms", "voice", "apprise"]
    url: str = Field(min_length=1, repr=False, description="with its key from the environment: …?key=${WECOM_KEY}")
    secret: str = Field(default="", repr=False, description="dingtalk, feishu: signs each message")
    method: Literal["POST", "GET", "PUT"] = Field(default="POST", description="sms and voice")
    headers: dict[str, str] = Field(default={}, repr=False, description="sms and voice")
    body: dict[str, JsonValue] = Field(
        default={},
        description="sms and voice: what is sent; {to}, {text}, {key} and the fields of a notice are filled in",
    )
    encoding: Literal["json", "form"] = Field(default="json", description="sms and voice")
    success: Success | None = Field(default=None, description="sms and voice")
    max_segments: int = Field(default=2, ge=1, le=10, description="sms only: 70 characters, or 67 each of several")
    timeout: Duration = 10.0
    rate: Rates | None = Field(default=None, description="messages:seconds; empty: a tenth below the provider's limit")

    @model_validator(mode="after")
    def _fits_its_kind(self) -> "Gateway":
        given = [name for name in _OF_PHONES if name in self.model_fields_set]
        if not self.names_its_people and given:
            raise ValueError(f"{given[0]} is for kind: sms and kind: voice; a {self.kind} has its own")
        if self.kind == "voice" and "max_segments" in given:
            raise ValueError("max_segments is for kind: sms; what a voice reads aloud is one sentence")
        if self.names_its_people and not self.body:
            raise ValueError(f"kind: {self.kind} needs a body, such as {{phone: '{{to}}', content: '{{text}}'}}")
        if self.secret and self.kind not in {"dingtalk", "feishu"}:
            raise ValueError(f"secret is for dingtalk and feishu; a {self.kind} has none")
        http = self.url.startswith(("https://", "http://"))
        if http == (self.kind in {"apprise", "wecom-app"}):
            what = "Apprise's own kind of URL, as bark://…" if http else "an address that begins with https://"
            raise ValueError(f"the url of kind: {self.kind} must be {what}")
        return self

    @property
    def rates(self) -> str:
        """Its own rate, else its kind's."""
        return _RATES[self.kind] if self.rate is None else self.rate

    @property
    def names_its_people(self) -> bool:
        """Whether an address must say to whom; a bot speaks where it stands."""
        return self.kind in {"sms", "voice"}


class Call(Strict):
    """One of a phone tree: whom to tell, and how long before the next is told."""

    tell: str = Field(min_length=1, description="a recipient, or an address: call:+8613800000000")
    answer_within: Duration | None = Field(default=None, description="empty: `escalate_after`")


def _calls(value: object) -> object:
    return [{"tell": one} if isinstance(one, str) else one for one in value] if isinstance(value, list) else value


def _each_once(calls: tuple[Call, ...]) -> tuple[Call, ...]:
    told = [call.tell for call in calls]
    if twice := next((who for who in told if told.count(who) > 1), None):
        raise ValueError(f"{twice!r} stands there twice; after the last, all are told again every repeat_every")
    return calls


_Tree = Annotated[tuple[Call, ...], Field(min_length=1), BeforeValidator(_calls), AfterValidator(_each_once)]


class Notices(Strict):
    """Where notices go: by `recipients`; what stands there under no pattern goes to the webhook. Without one it goes
    into `data_dir`/notices.jsonl, and where there are gateways or smtp, to nobody but the duty desk."""

    webhook_url: str = ""
    webhook_secret: str = Field(default="", repr=False)
    webhook_digests: bool = Field(default=False, description="a person reads what the webhook gets, so it is grouped")
    duty_desk: str = "duty-desk"
    max_attempts: int = Field(
        default=1000, ge=1, description="a bound only: what is not critical is given up after a day, some 600 tries"
    )
    smtp: Smtp | None = None
    gateways: dict[Name, Gateway] = Field(default={}, description="by the name that addresses begin with")
    recipients: dict[str, tuple[str, ...]] = Field(
        default={},
        description="patterns of recipients and their addresses, the first that fits wins; the first address is the "
        "one that counts, the others get a copy",
    )
    mqtt_digests: bool = Field(default=False, description="a person reads what is published, so it is grouped")
    group_wait: Duration = Field(default=30.0, description="so long the first notice waits for others")
    group_interval: Duration = Field(default=300.0, description="so far apart are two messages to the same address")
    escalate_after: Duration = Field(default=600.0, description="a critical alarm that nobody takes on goes further")
    escalation: tuple[str, ...] = Field(default=(), description="recipients, in the order in which they are told")
    phone_trees: dict[str, _Tree] = Field(
        default={},
        description="by kind of device (charger, tree, …) or by matter, which goes first: who is told of its critical "
        "alarms, in this order, instead of `escalation`; the first at once, beside the duty desk",
    )
    repeat_every: Duration = Field(default=3600.0, description="and then again and again until somebody does")

    @model_validator(mode="after")
    def _names_of_its_own(self) -> "Notices":
        for name in self.gateways:
            if name in TAKEN:
                raise ValueError(f"a gateway cannot be called {name!r}; that is a way of its own")
        return self

    def order_of(self, kind: str, matter: str | None) -> tuple[tuple[str, float], ...]:
        """Who is told, one after the other, of a critical alarm, and how many seconds each has before the next is."""
        tree = self.phone_trees.get(matter or "") or self.phone_trees.get(kind)
        if tree is None:
            return tuple((one, self.escalate_after) for one in self.escalation)
        waits = ((one.tell, one.answer_within) for one in tree)
        return tuple((who, self.escalate_after if within is None else within) for who, within in waits)

    def called_at_once(self, kind: str, matter: str | None) -> str | None:
        """The first of the phone tree, where there is one and it is not the duty desk, which is told in any case."""
        if matter not in self.phone_trees and kind not in self.phone_trees:
            return None
        first = self.order_of(kind, matter)[0][0]
        return None if first == self.duty_desk else first

    @property
    def last_resort(self) -> str:
        """Where a notice goes for which no address is known."""
        return "webhook" if self.webhook_url else "log"

    @property
    def has_ways_to_people(self) -> bool:
        """Whether notices go to people by ways of the site's own, so that who is to be told must have an address."""
        return bool(self.gateways or self.smtp)
