"""The closed list of reason codes. Each has one page line in ``docs/reasons.md``; a test holds the two equal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a record is allowed or denied."""

    code: str
    allows: bool
    text: str


def _reasons(allows: bool, texts: Mapping[str, str]) -> dict[str, Reason]:
    return {code: Reason(code, allows, text) for code, text in texts.items()}


REASONS: Mapping[str, Reason] = _reasons(
    True,
    {
        "choice_granted": "The person, or the organisation, chose to allow this.",
        "on_unless_refused": "The published terms allow this unless the person says no, and nobody said no.",
        "feedback_given": "The person sent feedback that covers this record.",
        "flagged_for_safety": "A safety flag is in force, and the terms let it open this purpose.",
        "public_content": "The content is public, and the terms allow the use of public content.",
        "ai_interaction": "It was said to the AI, and the terms allow the use of that.",
        "needed_to_serve": "It is used to answer the person who said it.",
    },
) | _reasons(
    False,
    {
        # what is not known
        "record_unknown": "No record of this id is known at the time of the question.",
        "time_unknown": "The log does not tell when the record was said.",
        "account_unknown": "It is not known whose record this is, or the account had not been opened.",
        "terms_not_in_force": "No version of these terms was in force for the account at that time.",
        "purpose_unknown": "The purpose is not one that these terms speak of.",
        "plan_unknown": "The plan under which it was said is not one that these terms know.",
        "kind_unknown": "The kind of record is not one that Troth knows.",
        "product_unknown": "The product is not one that Troth knows.",
        "channel_unknown": "The channel is not one that Troth knows.",
        "age_unknown": "It is not known whether the person is an adult.",
        "role_unknown": "The role of the speaker is not one that Troth knows.",
        "mode_unknown": "The mode of the conversation is not one that Troth knows.",
        "audience_unknown": "The audience of the conversation is not one that Troth knows.",
        # what is gone
        "gone": "The time for which the record may be kept is over.",
        "deleted": "The person deleted the record or its conversation.",
        "account_closed": "The account has been closed.",
        "only_kept_by_exception": "Only a flag, a rating or a review still keeps the record; that serves nothing else.",
        # what the terms leave out
        "plan_not_covered": "These terms do not cover the plan under which it was said.",
        "product_not_covered": "These terms do not cover the product in which it was said.",
        "channel_not_covered": "These terms do not cover the channel through which it came.",
        "kind_not_covered": "These terms do not allow the use of this kind of record.",
        "commercial_content": "Customer content of commercial plans is not used for this.",
        "connector_content": "Raw content of connectors and tools of others is never used.",
        "audio_not_used": "Voice recordings are not used without a choice of their own.",
        "incognito": "Incognito and temporary chats are never used.",
        "minor": "What a minor said is not used.",
        "not_public": "Only public content is used, and this is not public.",
        "region_not_covered": "In the account's region this use has not begun.",
        "moved_to_other_terms": "The conversation was moved into a workspace under other terms.",
        "zero_retention": "The organisation has zero data retention.",
        "said_before_terms": "It was said before these terms reached content of its kind.",
        "not_in_sample": "Only a sample is used, and the record is not in it.",
        "not_sold": "Nothing is sold.",
        "not_shared": "Nothing is handed to third parties for purposes of their own.",
        # what people chose
        "undecided": "The person has not decided, and silence is not a yes.",
        "refused": "The person, or the organisation, said no.",
        "withdrawn": "The person, or the organisation, took an earlier yes back.",
        "said_before_choice": "It was said before the standing yes began, and the yes does not reach back.",
        "said_under_refusal": "It was said while the answer was no.",
        "choice_required": "The time to choose is over, and the person has not chosen.",
        "objected": "The person objected.",
        "conversation_refused": "Somebody said no for this conversation, and that no stands.",
        "project_refused": "The person said no for the project of this conversation, and that no stands.",
        "signal_refused": "A signal such as Global Privacy Control says no to this.",
        "other_party": "Another person in the conversation may not be used for this.",
        "not_flagged": "Safety models are trained on flagged conversations only.",
        # nothing speaks for it
        "no_rule": "No rule of the terms allows this; what is not allowed is denied.",
    },
)
"""Code to reason. A rule of a terms file takes its reason from here."""
