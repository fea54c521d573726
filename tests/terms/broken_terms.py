"""Small terms with one problem each: the text, the line, and the words in which it is reported."""

from __future__ import annotations

from small_terms import SMALL, before, replaced, row, rule

IMPOSSIBLE = {
    "time": ('time = ["unknown"]', "a record whose time is not known"),
    "account": ('account = ["unknown"]', "a record whose account is not known"),
    "gone": ('retained = ["gone"]', "what is gone is denied"),
    "closed-undeleted": ('account = ["closed"], deleted = ["no"]', "counts as deleted"),
    "closed-organisation": ('account = ["closed"], plan = ["team"]', "stays the organisation's"),
    "no-rating": ('rated = ["yes"]', "no [signals.rating] is declared"),
    "no-review": ('reviewed = ["yes"]', "no [signals.review] is declared"),
    "no-sample": ('sampled = ["no"]', "no option sample_rate is declared"),
    "undecided-past": (
        'improve.standing = ["undecided"], improve.reach = ["past", "resumed"]',
        "no yes before which",
    ),
    "undecided-new": (
        'improve.standing = ["undecided"], improve.reach = ["new"]',
        "only on the plans of its default_on",
    ),
    "undecided-then": (
        'improve.standing = ["undecided"], improve.at_said = ["refused"]',
        "had not decided earlier",
    ),
    "refused-new": (
        'improve.standing = ["refused", "withdrawn"], improve.reach = ["new", "past"]',
        "there is no standing yes",
    ),
    "refused-then-granted": (
        'improve.standing = ["refused"], improve.at_said = ["granted"]',
        "withdrawn, not refused",
    ),
    "granted-none": ('improve.standing = ["granted"], improve.reach = ["none"]', "always has a reach"),
    "new-said-under-no": (
        'improve.reach = ["new"], improve.at_said = ["withdrawn"]',
        "was not said under the standing yes",
    ),
    "no-deadline-missing": ('improve.deadline = ["none"]', "improve has a last day"),
}
"""Name to conditions that can never hold together, and words of why."""

LAWFUL = 'deleted = ["no"], account = ["open"], retained = ["ordinary"]'
"""What the law adds to an allow."""

CASES = {
    # name: (text, what stands in the line, words of the problem, words of the remedy, note)
    "a fact misspelt": (
        replaced('when = { mode = ["incognito"] }\nreason', 'when = { moode = ["incognito"] }\nreason'),
        "moode",
        "rule 'incognito': unknown fact 'moode'",
        "did you mean 'mode'?",
        False,
    ),
    "a value misspelt": (
        replaced('kind = ["text", "code"]', 'kind = ["text", "coed"]'),
        "coed",
        "rule 'chosen': fact 'kind' is never 'coed'",
        "did you mean 'code'?",
        False,
    ),
    "a choice misspelt": (
        replaced('improve.standing = ["undecided"]', 'imprve.standing = ["undecided"]'),
        "imprve",
        "unknown fact 'imprve.standing'",
        "did you mean 'improve.standing'?",
        False,
    ),
    "an empty list": (
        replaced('plan = ["team", "legacy"]', "plan = []"),
        "plan = []",
        "plan has an empty list, so the row can never match",
        "list the values",
        False,
    ),
    "a purpose misspelt": (
        replaced('purposes = ["train.safety"]', 'purposes = ["train.safty"]'),
        "train.safty",
        "unknown purpose 'train.safty'",
        "did you mean 'train.safety'?",
        False,
    ),
    "a reason misspelt": (
        replaced('reason = "incognito"', 'reason = "incognitoo"'),
        "incognitoo",
        "unknown reason 'incognitoo'",
        "did you mean 'incognito'?",
        False,
    ),
    "a reason that does not go with the effect": (
        replaced('reason = "undecided"', 'reason = "choice_granted"'),
        'effect = "otherwise"',
        "the reason 'choice_granted' does not go with 'otherwise'",
        "what the rule does",
        False,
    ),
    "a source misspelt": (
        replaced('source = "help"', 'source = "hlep"'),
        "hlep",
        "unknown source 'hlep'",
        "did you mean 'help'?",
        False,
    ),
    "a source misspelt in a finding": (
        replaced('sources = ["terms", "help"]', 'sources = ["terms", "halp"]'),
        "halp",
        "finding 'uploads': unknown source 'halp'",
        "did you mean 'help'?",
        False,
    ),
    "an option misspelt": (
        replaced("{ reading =", "{ raeding ="),
        "raeding",
        "unknown option 'raeding'",
        "did you mean 'reading'?",
        False,
    ),
    "a value of an option misspelt": (
        replaced('{ reading = ["wide"] }', '{ reading = ["wied"] }'),
        "wied",
        "option 'reading' is never 'wied'",
        "did you mean 'wide'?",
        False,
    ),
    "a condition on a duration": (
        replaced('{ reading = ["wide"] }', '{ reading = ["wide"], api_days = ["P30D"] }'),
        "api_days = [",
        "option 'api_days' is a duration",
        '"option:api_days"',
        False,
    ),
    "a default that is no duration": (
        replaced('default = "P30D"', 'default = "30 days"'),
        "30 days",
        "option 'api_days': its default is no duration",
        "mend this line",
        False,
    ),
    "a clock misspelt": (
        replaced('from = "deleted"', 'from = "delted"'),
        "delted",
        "unknown clock 'delted'",
        "did you mean 'deleted'?",
        False,
    ),
    "no clause": (
        replaced('clause = "s.3"\n', ""),
        'id = "incognito"',
        "rule 'incognito' has no clause",
        "add clause",
        False,
    ),
    "a default_on plan that is not there": (
        replaced('notice = "May', 'default_on = ["fre"]\nnotice = "May'),
        "default_on",
        "unknown plan 'fre'",
        "did you mean 'free'?",
        False,
    ),
    "a plan in two lists": (
        replaced('other = ["legacy"]', 'other = ["legacy", "paid"]'),
        "other = [",
        "plan 'paid' stands under other and under covered",
        "one list",
        False,
    ),
    "an allow within one deny": (
        before(
            "chosen",
            rule(
                "extra", "allow", '"train.safety"', 'mode = ["incognito"], kind = ["text"]', "ai_interaction"
            ),
        ),
        'id = "extra"',
        "allows train.safety, but rule 'incognito' in line 56 denies all of it",
        "any matching deny wins",
        False,
    ),
    "an allow within several denies": (
        before(
            "chosen",
            rule("a", "deny", '"serve"', 'kind = ["text"]', "kind_not_covered")
            + rule("b", "deny", '"serve"', 'kind = ["code"]', "kind_not_covered")
            + rule(
                "extra", "allow", '"serve"', 'kind = ["text", "code"], plan = ["free"]', "needed_to_serve"
            ),
        ),
        'id = "extra"',
        "the denies in lines 66 and 76 together deny all of it",
        "any matching deny wins",
        False,
    ),
    "an allow of what a minor said": (
        before(
            "chosen",
            rule(
                "extra",
                "allow",
                '"train.general"',
                'age = ["minor", "adult"], rated = ["no"]',
                "ai_interaction",
            ),
        ),
        'id = "extra"',
        "allows train.general for what a minor said",
        'write age = ["adult"]',
        False,
    ),
    "the same conditions, and another effect": (
        before("rest", rule("extra", "otherwise", '"serve"', LAWFUL, "kind_not_covered")),
        'id = "extra"',
        "rule 'extra' says why serve is denied, and rule 'serve' in line",
        "keep the one",
        False,
    ),
    "a deny that is never cited": (
        before(
            "chosen",
            rule("extra", "deny", '"serve"', 'plan = ["legacy"], kind = ["text"]', "kind_not_covered"),
        ),
        'id = "extra"',
        "rule 'extra' is never cited: line 46 always comes first",
        "take it out",
        True,
    ),
    "an otherwise that is never cited": (
        before(
            "rest",
            rule(
                "extra",
                "otherwise",
                '"train.general"',
                'improve.standing = ["undecided"], kind = ["text"]',
                "undecided",
            ),
        ),
        'id = "extra"',
        "rule 'extra' is never cited",
        "take it out",
        True,
    ),
    "a purpose no rule speaks of": (
        replaced('"sell", "share.third_party", "review.human"', '"share.third_party", "review.human"'),
        'id = "never-out"',
        "no rule speaks of sell",
        "add a rule for it",
        False,
    ),
    "a combination no rule speaks of": (
        replaced(
            'id = "rest"\neffect = "otherwise"\npurposes = ["train.general", "train.safety", "serve"]',
            'id = "rest"\neffect = "otherwise"\npurposes = ["train.general", "serve"]',
        ),
        'id = "never-out"',
        "no rule speaks of train.safety where all is as usual",
        "otherwise rule",
        True,
    ),
    "a retention gap": (
        replaced('from = "said"\nclause', 'from = "said"\nwhen = { plan = ["free"] }\nclause'),
        'id = "kept"',
        "no limit says how long to keep content where it was said under the plan paid",
        "add a limit",
        False,
    ),
    "a limit that counts from a deletion only": (
        replaced('period = "P5Y"\nfrom = "said"', 'period = "P5Y"\nfrom = "deleted"'),
        'id = "kept"',
        "no limit says how long to keep content",
        "add a limit",
        False,
    ),
    "two limits that contradict each other": (
        before(
            "incognito",
            row("extra", "limit", "P2Y", "said"),
            SMALL.replace('id = "incognito"\neffect', 'id = "incog"\neffect'),
        ),
        'id = "kept"',
        "retention 'kept' (P5Y) contradicts 'extra' (P2Y)",
        "keep the one",
        False,
    ),
    "a limit that never matches": (
        before("deleted", row("extra", "limit", "P9D", "said", 'rated = ["yes"]')),
        'id = "extra"',
        "retention 'extra' can never match: no [signals.rating]",
        "mend its conditions",
        False,
    ),
    "a limit whose clock never starts": (
        before("deleted", row("extra", "limit", "P9D", "deleted", 'deleted = ["no"]')),
        'id = "extra"',
        "retention 'extra' never takes effect: where it matches, it has not been deleted",
        "another clock",
        False,
    ),
    "retention that asks for what it cannot see": (
        before("deleted", row("extra", "limit", "P9D", "said", 'retained = ["ordinary"]')),
        'id = "extra"',
        "asks for retained, which retention does not see",
        "take the condition out",
        False,
    ),
    "retention that asks for a last day": (
        before("deleted", row("extra", "limit", "P9D", "said", 'improve.deadline = ["passed"]')),
        'id = "extra"',
        "asks for improve.deadline, which retention does not see",
        "take the condition out",
        False,
    ),
    "a limit that asks for a signal that ends": (
        before("deleted", row("extra", "limit", "P9D", "said", 'flagged = ["no"]')),
        'id = "extra"',
        "asks for flagged, and a flag ends after 2 years",
        "write a limit that goes without it",
        True,
    ),
    "an extension without an end": (
        replaced('period = "P2Y"\nfrom = "flagged"', 'period = "indefinite"\nfrom = "flagged"'),
        'id = "flagged"\nkind',
        "an extension without an end",
        "give it a period",
        False,
    ),
    "an option that nothing depends on": (
        replaced('period = "option:api_days"', 'period = "P30D"'),
        "[options.api_days]",
        "option 'api_days' is declared and nothing depends on it",
        "take it out",
        True,
    ),
    "a source that is never cited": (
        SMALL + '\n[[sources]]\nid = "press"\ntext = "Press"\nconfidence = "secondary"\n',
        'id = "press"',
        "source 'press' is never cited",
        "cite it",
        True,
    ),
    "a party rule that does not deny": (
        replaced('ask = "all"', 'ask = "rules"\nrules = ["serve"]'),
        'rules = ["serve"]',
        "asks rule 'serve', which does not deny",
        "name rules with the effect deny",
        False,
    ),
    "a recipient for what nobody allows": (
        replaced(
            'name = "Processors"\npurposes = ["serve"]', 'name = "Processors"\npurposes = ["serve", "sell"]'
        ),
        'name = "Processors"',
        "recipient 'Processors' is named for sell, which no rule allows",
        "take the purpose out",
        True,
    ),
    "in force before it was published": (
        replaced("effective = 2025-02-01", "effective = 2024-12-31"),
        "effective =",
        "in force from 2024-12-31, before it was published (2025-01-01)",
        "mend one of the dates",
        False,
    ),
    "what happens after no last day": (
        replaced("last_day = 2025-03-01\n", ""),
        "after_deadline",
        "says what happens after a last day, and has none",
        "add last_day",
        True,
    ),
    "a shipped name and version": (
        replaced('name = "small"\nversion = "2025-01-01"', 'name = "openai"\nversion = "2025-05-13"'),
        "version =",
        "openai '2025-05-13' is a shipped version, and this is another text",
        "a name of their own",
        False,
    ),
    "no TOML": (replaced("[plans]", "[plans"), "[plans", "not TOML", "mend the line", False),
}
"""Name to the text, what stands in the line, words of the problem and of the remedy, and whether a note."""
