"""The stages in which a record can leave a build, in order, and the reasons that are not a decision's.

At the stage ``decide`` the reason is a code of ``troth.types.reasons``; at every other, one from here.
"""

from __future__ import annotations

from collections.abc import Mapping

INTAKE = "intake"
DECIDE = "decide"
FILTER = "filter"
DEDUPLICATE = "deduplicate"
SAMPLE = "sample"

STAGES = (INTAKE, DECIDE, FILTER, DEDUPLICATE, SAMPLE)

REPEATED = "repeated"
UNFILTERED_MEDIA = "unfiltered_media"
SENSITIVE_RECORD = "sensitive_record"
EXACT_DUPLICATE = "exact_duplicate"
NEAR_DUPLICATE = "near_duplicate"
NOT_SAMPLED = "not_sampled"

STAGE_REASONS: Mapping[str, Mapping[str, str]] = {
    INTAKE: {REPEATED: "The same record came in more than once, with the same content; it counts once."},
    FILTER: {
        SENSITIVE_RECORD: "It holds sensitive data of a kind that is left out with its record.",
        UNFILTERED_MEDIA: "The terms require a filter, and the filter cannot read this media.",
    },
    DEDUPLICATE: {
        EXACT_DUPLICATE: "Another conversation of the release has the same words.",
        NEAR_DUPLICATE: "Another conversation of the release has nearly the same words.",
    },
    SAMPLE: {NOT_SAMPLED: "The build takes a sample of the conversations, and this one is not in it."},
}
"""Stage to reason to what it means."""
