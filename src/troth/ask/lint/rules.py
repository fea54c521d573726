"""The rules of a fair question, each with its source. A finding names the rule it breaks."""

from __future__ import annotations

from dataclasses import dataclass

EDPB = "EDPB Guidelines 03/2022"
CCR = "11 CCR 7004"
CNIL = "CNIL, notices of December 2024"
WCAG = "WCAG 2.2"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what a fair question does, and where that is said."""

    id: str
    says: str
    source: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that is broken: where, how, and what to do."""

    rule: Rule
    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} [{self.rule.id}: {self.rule.says} ({self.rule.source})] — {self.remedy}"


RULES = (
    Rule("title-asks",
         "the title is the question itself, and names training", f"{EDPB}, Left in the dark"),
    Rule("no-is-offered",
         "no is offered as plainly as yes; later is not a no", f"{CCR}(a)(2)"),
    Rule("same-level",
         "yes and no are controls of one kind, in one place and at one step", f"{CCR}(a)(2); {CNIL}"),
    Rule("same-size",
         "yes and no have the same size, to a pixel", f"{EDPB}, Stirring: hidden in plain sight"),
    Rule("same-weight",
         "yes and no have the same weight and size of letters", f"{EDPB}, Stirring: hidden in plain sight"),
    Rule("same-contrast",
         "yes and no stand out alike, to a tenth of contrast", f"{CNIL}; {EDPB}, Stirring"),
    Rule("nothing-preset",
         "nothing is chosen beforehand", f"CJEU C-673/17; {EDPB}, Skipping: deceptive snugness"),
    Rule("terms-apart",
         "accepting terms is another step than allowing training", f"GDPR Art. 7(2); {EDPB}, Overloading"),
    Rule("says-all",
         "what, from when, how long either way, deletion, what cannot be undone, where to change it",
         f"GDPR Art. 13; {EDPB}, Left in the dark"),
    Rule("same-figures",
         "every locale says the same figures", f"{EDPB}, Fickle: language discontinuity"),
    Rule("plain-words",
         "words that a reader of ninth grade follows", f"GDPR Art. 12(1); {CCR}(a)(1)"),
    Rule("no-emotion",
         "no words that push", f"{EDPB}, Stirring: emotional steering"),
    Rule("no-double-negative",
         "no double negatives", f"{CCR}(a)(3)"),
    Rule("labels-answer",
         "each label answers the question in its own words", f"{CNIL}; {EDPB}, Left in the dark"),
    Rule("as-easy-to-take-back",
         "taking back takes no more steps than giving", f"GDPR Art. 7(3); {CCR}(a)(2)"),
    Rule("not-asked-again",
         "a no is not asked again", f"{EDPB}, Overloading: continuous prompting"),
    Rule("escape-is-no-yes",
         "closing is never a yes", f"{CCR}(a)(4); {EDPB}, Skipping"),
    Rule("readable",
         "text has contrast 4.5, letters of 16 px, and none is smaller than the rest",
         f"{WCAG}, 1.4.3; {EDPB}, Obstructing"),
    Rule("reachable",
         "controls of at least 44 px, all of them in the first view", f"{WCAG}, 2.5.8 and 2.4.11"),
    Rule("every-word-there",
         "every locale has every word", f"{EDPB}, Fickle: language discontinuity"),
)  # fmt: skip

_BY_ID = {rule.id: rule for rule in RULES}


def broken(rule: str, where: str, what: str, remedy: str) -> Finding:
    """A finding by the id of its rule."""
    return Finding(_BY_ID[rule], where, what, remedy)
