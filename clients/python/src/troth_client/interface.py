"""A form for each thing and a method for each operation of the service. Made from the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict, cast
from urllib.parse import quote


class AcknowledgeBody(TypedDict):
    """That a person acknowledged a version of the terms. It is no choice, and never a yes to one."""

    version: str
    account: NotRequired[str | None]


class Acknowledged(TypedDict):
    """An acknowledgement as it was recorded."""

    id: str
    at: str
    account: str
    version: str


class ActTold(TypedDict):
    """What an operator did, or was refused."""

    index: int
    at: str
    act: str
    by: str
    role: str
    allowed: bool


class Acts(TypedDict):
    """Acts, the newest first."""

    acts: list[ActTold]
    next: NotRequired[str | None]


class ArtefactTold(TypedDict):
    """Something that was made: weights, or what else."""

    digest: str
    made: str
    name: str
    made_from: list[str]


class BuildBody(TypedDict):
    """A release of what may be used for a purpose at a time, under a name; `seed` says which `sample` is kept."""

    name: str
    purpose: Literal["review.human", "sell", "serve", "share.third_party", "train.general", "train.safety"]
    at: str
    seed: int
    sample: NotRequired[float]


class ChoiceBody(TypedDict):
    """A choice. Who is asked by a person's token leaves `account` out."""

    choice: str
    value: Literal["deferred", "granted", "refused"]
    account: NotRequired[str | None]
    conversation: NotRequired[str | None]
    project: NotRequired[str | None]
    mechanism: NotRequired[Literal["dialog", "settings", "signup"]]
    initial_state: NotRequired[Literal["none", "off", "on"]]
    period: NotRequired[str | None]
    notice: NotRequired[str | None]
    notice_digest: NotRequired[str | None]
    layout_digest: NotRequired[str | None]
    locale: NotRequired[str | None]
    shown_at: NotRequired[str | None]


class ChoiceHistory(TypedDict):
    """Choices, the newest first."""

    choices: list[ChoiceMade]
    next: NotRequired[str | None]


class ChoiceMade(TypedDict):
    """A choice as it was recorded. It is durable, and bites with the next decision."""

    id: str
    at: str
    choice: str
    value: str
    account: NotRequired[str | None]
    organisation: NotRequired[str | None]
    conversation: NotRequired[str | None]
    project: NotRequired[str | None]
    mechanism: NotRequired[str | None]
    initial_state: NotRequired[str | None]
    period: NotRequired[str | None]
    notice: NotRequired[str | None]
    notice_digest: NotRequired[str | None]
    layout_digest: NotRequired[str | None]
    locale: NotRequired[str | None]
    shown_at: NotRequired[str | None]


class ChoiceStands(TypedDict):
    """How one choice stands."""

    choice: str
    state: Literal["granted", "refused", "undecided", "withdrawn"]
    by: Literal["account", "organisation"]
    fixed: bool
    on_unless_refused: bool
    question: str
    since: NotRequired[str | None]
    deadline: NotRequired[str | None]


class ChoiceTold(TypedDict):
    """What a version asks."""

    choice: str
    question: str
    by: str
    after_deadline: str
    deadline: NotRequired[str | None]


class CloseBody(TypedDict):
    """How it ended."""

    state: Literal["answered", "refused"]


class DecisionBody(TypedDict):
    """May this record be used for this purpose? `at` is a moment that has passed; without it, now."""

    purpose: Literal["review.human", "sell", "serve", "share.third_party", "train.general", "train.safety"]
    conversation: str
    record: str
    said: NotRequired[SaidBody | None]
    at: NotRequired[str | None]


class DecisionTold(TypedDict):
    """A decision with its reason, and how long the record may be kept."""

    conversation: str
    record: str
    allow: bool
    reason: str
    words: str
    erasable: bool
    rule: NotRequired[str]
    clause: NotRequired[str]
    keep_until: NotRequired[str | None]


class Decisions(TypedDict):
    """Decisions, in the order in which they were asked for."""

    at: str
    decisions: list[DecisionTold]


class DecisionsBody(TypedDict):
    """The same for many records."""

    purpose: Literal["review.human", "sell", "serve", "share.third_party", "train.general", "train.safety"]
    records: list[RecordAsked]
    at: NotRequired[str | None]


class Deliveries(TypedDict):
    """Deliveries, the newest first."""

    deliveries: list[DeliveryTold]
    next: NotRequired[str | None]


class DeliveryTold(TypedDict):
    """One event for one receiver, and how far it came."""

    id: str
    event: str
    type: str
    state: Literal["failed", "gone", "sent", "waiting"]
    attempts: int
    made: str
    answer: NotRequired[int | None]


class ErasureBody(TypedDict):
    """What is to go: one conversation, or everything that an account said; and why."""

    why: str
    account: NotRequired[str | None]
    conversation: NotRequired[str | None]


class EventsBody(TypedDict):
    """Events in the public format of histories (docs/formats/history.md), each with an `id` of its own."""

    events: list[dict[str, Any]]


class EventsRecorded(TypedDict):
    """How many events are durable now."""

    recorded: int


class ExportBody(TypedDict):
    """Whose data. Who asks by a person's token leaves `account` out."""

    account: NotRequired[str | None]


class HoldBody(TypedDict):
    """A hold, its reason, and what it covers: whatever matches all that is given; nothing given covers everything."""

    hold: str
    accounts: NotRequired[list[str] | None]
    conversations: NotRequired[list[str] | None]
    plans: NotRequired[list[str] | None]
    exclude_plans: NotRequired[list[str] | None]
    regions: NotRequired[list[str] | None]
    exclude_regions: NotRequired[list[str] | None]
    since: NotRequired[str | None]
    until: NotRequired[str | None]
    why: NotRequired[str | None]


class HoldTold(TypedDict):
    """A hold as it stands."""

    hold: str
    placed: str
    stands: bool
    released: NotRequired[str | None]
    accounts: NotRequired[list[str] | None]
    conversations: NotRequired[list[str] | None]
    plans: NotRequired[list[str] | None]
    exclude_plans: NotRequired[list[str] | None]
    regions: NotRequired[list[str] | None]
    exclude_regions: NotRequired[list[str] | None]
    since: NotRequired[str | None]
    until: NotRequired[str | None]
    why: NotRequired[str | None]


class Holds(TypedDict):
    """Holds, in the order in which they were placed. There may be fewer than asked for, and more behind ``next``."""

    holds: list[HoldTold]
    next: NotRequired[str | None]


class JobTold(TypedDict):
    """A job: what it is, and how far it has come. When it is done its result can be fetched for a day."""

    id: str
    kind: Literal["build", "chosen", "erase", "export", "reach", "retain", "simulate", "verify"]
    state: Literal["done", "failed", "queued", "running"]
    made: str
    changed: str
    progress: NotRequired[str | None]
    problem: NotRequired[str | None]
    result: NotRequired[str | None]


class KeepingTold(TypedDict):
    """How long a version keeps things."""

    id: str
    kind: str
    period: str
    clock: str
    clause: str
    text: str


class KeyTold(TypedDict):
    """A key of the service; not the key itself."""

    id: str
    role: str
    scopes: list[str]
    name: str
    made: str
    organisation: NotRequired[str | None]
    revoked: NotRequired[str | None]


class Keys(TypedDict):
    """Every key."""

    keys: list[KeyTold]


class LayoutShown(TypedDict):
    """In which order the answers stand for this person, how they look, and the digest of it all."""

    order: Literal["no-first", "yes-first"]
    style: StyleShown
    digest: str


class MayContinue(TypedDict):
    """Whether a person may go on."""

    may_continue: bool
    why: str
    words: str
    deadline: NotRequired[str | None]


class NoticeShown(TypedDict):
    """A notice: the words of a question."""

    terms: str
    version: str
    choice: str
    locale: str
    title: str
    digest: str
    question: NotRequired[str]
    words: NotRequired[dict[str, str]]


class NoticesTold(TypedDict):
    """Every notice, by version, choice and locale."""

    notices: list[NoticeShown]


class Problem(TypedDict):
    """The body of every answer that is an error."""

    type: str
    title: str
    status: int
    detail: NotRequired[str]
    remedy: NotRequired[str]
    request: NotRequired[str]


class QuestionShown(TypedDict):
    """The question to show, or none, and why."""

    show: bool
    why: str
    words: str
    may_continue: bool
    deferrals_left: int
    stage: NotRequired[Literal["existing", "renewal", "signup"] | None]
    notice: NotRequired[NoticeShown | None]
    layout: NotRequired[LayoutShown | None]
    effective: NotRequired[str | None]
    deadline: NotRequired[str | None]
    after_deadline: NotRequired[str | None]
    again_at: NotRequired[str | None]


class RecordAsked(TypedDict):
    """One record in its conversation."""

    conversation: str
    record: str
    said: NotRequired[SaidBody | None]


class RequestBody(TypedDict):
    """What a person asks for. Who asks by a person's token leaves `account` out."""

    kind: Literal["access", "correct", "erase", "export", "object"]
    account: NotRequired[str | None]


class RequestTold(TypedDict):
    """A request. Once it is closed, nothing says any more whose it was."""

    id: str
    kind: Literal["access", "correct", "erase", "export", "object"]
    state: Literal["answered", "open", "refused"]
    made: str
    due: str
    overdue: bool
    account: NotRequired[str | None]
    closed: NotRequired[str | None]


class Requests(TypedDict):
    """Requests: what is due first comes first."""

    requests: list[RequestTold]
    next: NotRequired[str | None]


class Revoked(TypedDict):
    """A key that is revoked."""

    id: str


class RuleTold(TypedDict):
    """What a version says of some purposes."""

    id: str
    effect: str
    purposes: list[str]
    reason: str
    clause: str
    text: str


class SaidBody(TypedDict):
    """What whoever asks knows of a record that the workspace does not hold."""

    at: str
    account: NotRequired[str | None]
    role: NotRequired[str]
    kind: NotRequired[str]
    product: NotRequired[str]
    channel: NotRequired[str]
    plan: NotRequired[str | None]


class SimulationBody(TypedDict):
    """Terms that are not published yet, as the text of a terms file, and for which purposes to decide."""

    terms: str
    purposes: list[
        Literal["review.human", "sell", "serve", "share.third_party", "train.general", "train.safety"]
    ]


class Standing(TypedDict):
    """How everything stands for a person."""

    account: str
    state: str
    plan: str
    choices: list[ChoiceStands]
    terms: str
    version: NotRequired[str | None]
    in_force: NotRequired[str | None]
    organisation: NotRequired[str | None]


class StyleShown(TypedDict):
    """How the question looks: what a product may choose. Both answers have one look."""

    light: dict[str, str]
    dark: dict[str, str]
    font: str
    font_size: int
    radius: int


class TalkDeleted(TypedDict):
    """A deletion as it was recorded: from now on the conversation is used for nothing."""

    id: str
    at: str
    conversation: str


class TalkTold(TypedDict):
    """A conversation, and whether it may be used for the purpose now."""

    conversation: str
    in_reach: bool
    records: int
    allowed: int
    reason: str
    words: str
    erasable: bool


class Talks(TypedDict):
    """Conversations, in the order of their ids."""

    purpose: str
    conversations: list[TalkTold]
    next: NotRequired[str | None]


class TermsTold(TypedDict):
    """The terms that are served, the oldest version first."""

    terms: str
    digest: str
    versions: list[VersionTold]


class Uses(TypedDict):
    """What somebody's words went into. Models that were trained do not forget."""

    releases: list[str]
    made: list[ArtefactTold]


class VerificationBody(TypedDict):
    """Which release: the digest of its manifest."""

    release: str


class VersionShown(TypedDict):
    """One version of the terms, with all that it says."""

    terms: str
    version: str
    title: str
    controller: str
    published: str
    effective: str
    digest: str
    plans: list[str]
    choices: list[ChoiceTold]
    rules: list[RuleTold]
    retention: list[KeepingTold]


class VersionTold(TypedDict):
    """One version of the terms, in short."""

    version: str
    title: str
    published: str
    effective: str
    digest: str


class WebhookBody(TypedDict):
    """Where to, and what of."""

    url: str
    events: list[
        Literal[
            "account.changed",
            "account.closed",
            "account.opened",
            "choice.made",
            "conversation.deleted",
            "hold.placed",
            "hold.released",
            "organisation.changed",
            "record.deleted",
            "signal.received",
            "terms.acknowledged",
        ]
    ]


class WebhookTold(TypedDict):
    """A receiver. Its secret is told when it is made, and never again."""

    id: str
    url: str
    events: list[str]
    made: str
    secret: NotRequired[str | None]
    ended: NotRequired[str | None]


class Webhooks(TypedDict):
    """Every receiver."""

    webhooks: list[WebhookTold]


class Interface:
    """Every operation of the service. `Client` says how a request is sent."""

    def send(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        body: Any,
        once: str | None,
        *,
        text: bool = False,
    ) -> Any:
        """Send a request, and give what is answered."""
        raise NotImplementedError

    def question_show(
        self,
        *,
        account: str | None = None,
        locale: str | None = None,
    ) -> QuestionShown:
        """The question to show a person now."""
        return cast(
            "QuestionShown",
            self.send("GET", "/v1/question", {"account": account, "locale": locale}, None, None),
        )

    def continue_may(
        self,
        *,
        account: str | None = None,
        locale: str | None = None,
    ) -> MayContinue:
        """Whether a person may go on."""
        return cast(
            "MayContinue",
            self.send("GET", "/v1/continue", {"account": account, "locale": locale}, None, None),
        )

    def choices_make(
        self,
        body: ChoiceBody,
        *,
        once: str | None = None,
    ) -> ChoiceMade:
        """Record a choice."""
        return cast("ChoiceMade", self.send("POST", "/v1/choices", {}, body, once))

    def choices_standing(
        self,
        *,
        account: str | None = None,
    ) -> Standing:
        """How choices stand."""
        return cast("Standing", self.send("GET", "/v1/choices", {"account": account}, None, None))

    def choices_history(
        self,
        *,
        account: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> ChoiceHistory:
        """The history of choices."""
        return cast(
            "ChoiceHistory",
            self.send(
                "GET",
                "/v1/choices/history",
                {"account": account, "limit": limit, "cursor": cursor},
                None,
                None,
            ),
        )

    def terms_list(
        self,
    ) -> TermsTold:
        """The terms that are served."""
        return cast("TermsTold", self.send("GET", "/v1/terms", {}, None, None))

    def terms_show(
        self,
        version: str,
    ) -> VersionShown:
        """One version of the terms."""
        return cast("VersionShown", self.send("GET", f"/v1/terms/{_part(version)}", {}, None, None))

    def notices_list(
        self,
        *,
        version: str | None = None,
        locale: str | None = None,
    ) -> NoticesTold:
        """Notices by version and locale."""
        return cast(
            "NoticesTold", self.send("GET", "/v1/notices", {"version": version, "locale": locale}, None, None)
        )

    def notices_show(
        self,
        digest: str,
    ) -> NoticeShown:
        """One notice."""
        return cast("NoticeShown", self.send("GET", f"/v1/notices/{_part(digest)}", {}, None, None))

    def terms_acknowledge(
        self,
        body: AcknowledgeBody,
        *,
        once: str | None = None,
    ) -> Acknowledged:
        """Acknowledge terms."""
        return cast("Acknowledged", self.send("POST", "/v1/acknowledgements", {}, body, once))

    def events_record(
        self,
        body: EventsBody,
        *,
        once: str | None = None,
    ) -> EventsRecorded:
        """Record what happened."""
        return cast("EventsRecorded", self.send("POST", "/v1/events", {}, body, once))

    def decisions_one(
        self,
        body: DecisionBody,
        *,
        once: str | None = None,
    ) -> DecisionTold:
        """Decide one record."""
        return cast("DecisionTold", self.send("POST", "/v1/decisions", {}, body, once))

    def decisions_many(
        self,
        body: DecisionsBody,
        *,
        once: str | None = None,
    ) -> Decisions:
        """Decide many records."""
        return cast("Decisions", self.send("POST", "/v1/decisions/batch", {}, body, once))

    def conversations_list(
        self,
        *,
        account: str | None = None,
        purpose: Literal[
            "review.human", "sell", "serve", "share.third_party", "train.general", "train.safety"
        ]
        | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Talks:
        """A person's conversations, and whether each is in reach."""
        return cast(
            "Talks",
            self.send(
                "GET",
                "/v1/conversations",
                {"account": account, "purpose": purpose, "limit": limit, "cursor": cursor},
                None,
                None,
            ),
        )

    def conversations_delete(
        self,
        conversation: str,
        *,
        account: str | None = None,
        once: str | None = None,
    ) -> TalkDeleted:
        """Delete a conversation."""
        return cast(
            "TalkDeleted",
            self.send("DELETE", f"/v1/conversations/{_part(conversation)}", {"account": account}, None, once),
        )

    def uses_show(
        self,
        *,
        account: str | None = None,
        conversation: str | None = None,
    ) -> Uses:
        """What somebody's words were used for."""
        return cast(
            "Uses",
            self.send("GET", "/v1/uses", {"account": account, "conversation": conversation}, None, None),
        )

    def receipts_show(
        self,
        *,
        account: str | None = None,
        conversation: str | None = None,
        lineage: bool | None = None,
    ) -> str:
        """A receipt."""
        return cast(
            "str",
            self.send(
                "GET",
                "/v1/receipts",
                {"account": account, "conversation": conversation, "lineage": lineage},
                None,
                None,
                text=True,
            ),
        )

    def requests_make(
        self,
        body: RequestBody,
        *,
        once: str | None = None,
    ) -> RequestTold:
        """Take a person's request in."""
        return cast("RequestTold", self.send("POST", "/v1/requests", {}, body, once))

    def requests_list(
        self,
        *,
        account: str | None = None,
        state: Literal["answered", "open", "refused"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Requests:
        """Requests and when they are due."""
        return cast(
            "Requests",
            self.send(
                "GET",
                "/v1/requests",
                {"account": account, "state": state, "limit": limit, "cursor": cursor},
                None,
                None,
            ),
        )

    def requests_close(
        self,
        request: str,
        body: CloseBody,
        *,
        once: str | None = None,
    ) -> RequestTold:
        """Close a request."""
        return cast("RequestTold", self.send("POST", f"/v1/requests/{_part(request)}/close", {}, body, once))

    def exports_make(
        self,
        body: ExportBody,
        *,
        once: str | None = None,
    ) -> JobTold:
        """Export what is held of a person."""
        return cast("JobTold", self.send("POST", "/v1/exports", {}, body, once))

    def erasures_make(
        self,
        body: ErasureBody,
        *,
        once: str | None = None,
    ) -> JobTold:
        """Erase."""
        return cast("JobTold", self.send("POST", "/v1/erasures", {}, body, once))

    def builds_make(
        self,
        body: BuildBody,
        *,
        once: str | None = None,
    ) -> JobTold:
        """Build a release."""
        return cast("JobTold", self.send("POST", "/v1/builds", {}, body, once))

    def simulations_make(
        self,
        body: SimulationBody,
        *,
        once: str | None = None,
    ) -> JobTold:
        """Simulate a change of the terms."""
        return cast("JobTold", self.send("POST", "/v1/simulations", {}, body, once))

    def verifications_make(
        self,
        body: VerificationBody,
        *,
        once: str | None = None,
    ) -> JobTold:
        """Verify a release."""
        return cast("JobTold", self.send("POST", "/v1/verifications", {}, body, once))

    def jobs_show(
        self,
        job: str,
    ) -> JobTold:
        """A job."""
        return cast("JobTold", self.send("GET", f"/v1/jobs/{_part(job)}", {}, None, None))

    def jobs_result(
        self,
        job: str,
    ) -> Any:
        """The result of a job."""
        return self.send("GET", f"/v1/jobs/{_part(job)}/result", {}, None, None)

    def holds_list(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Holds:
        """Legal holds."""
        return cast("Holds", self.send("GET", "/v1/holds", {"limit": limit, "cursor": cursor}, None, None))

    def holds_place(
        self,
        body: HoldBody,
        *,
        once: str | None = None,
    ) -> HoldTold:
        """Place a hold."""
        return cast("HoldTold", self.send("POST", "/v1/holds", {}, body, once))

    def holds_release(
        self,
        hold: str,
        *,
        once: str | None = None,
    ) -> HoldTold:
        """Release a hold."""
        return cast("HoldTold", self.send("DELETE", f"/v1/holds/{_part(hold)}", {}, None, once))

    def webhooks_list(
        self,
    ) -> Webhooks:
        """Webhooks."""
        return cast("Webhooks", self.send("GET", "/v1/webhooks", {}, None, None))

    def webhooks_make(
        self,
        body: WebhookBody,
        *,
        once: str | None = None,
    ) -> WebhookTold:
        """Add a webhook."""
        return cast("WebhookTold", self.send("POST", "/v1/webhooks", {}, body, once))

    def webhooks_end(
        self,
        webhook: str,
        *,
        once: str | None = None,
    ) -> WebhookTold:
        """End a webhook."""
        return cast("WebhookTold", self.send("DELETE", f"/v1/webhooks/{_part(webhook)}", {}, None, once))

    def deliveries_list(
        self,
        webhook: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Deliveries:
        """What was sent to a webhook."""
        return cast(
            "Deliveries",
            self.send(
                "GET",
                f"/v1/webhooks/{_part(webhook)}/deliveries",
                {"limit": limit, "cursor": cursor},
                None,
                None,
            ),
        )

    def deliveries_replay(
        self,
        delivery: str,
        *,
        once: str | None = None,
    ) -> DeliveryTold:
        """Send an event again."""
        return cast(
            "DeliveryTold", self.send("POST", f"/v1/deliveries/{_part(delivery)}/replay", {}, None, once)
        )

    def keys_list(
        self,
    ) -> Keys:
        """The keys of the service."""
        return cast("Keys", self.send("GET", "/v1/keys", {}, None, None))

    def keys_revoke(
        self,
        key: str,
        *,
        once: str | None = None,
    ) -> Revoked:
        """Revoke a key."""
        return cast("Revoked", self.send("DELETE", f"/v1/keys/{_part(key)}", {}, None, once))

    def acts_list(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Acts:
        """What operators did."""
        return cast("Acts", self.send("GET", "/v1/acts", {"limit": limit, "cursor": cursor}, None, None))


def _part(text: str) -> str:
    """A value as one part of an address."""
    return quote(text, safe="")
