"""The rules of a ``gitleaks.toml`` under RE2, run in an environment of its own. In and out as in ``presidio_run.py``.

``gitleaks_run.py gitleaks.toml``. Keywords and entropy are those of the rules; their allow-lists are left out.
"""

from __future__ import annotations

import json
import math
import sys
import time
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import re2


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: any keyword must be in the text, in any case."""

    expression: Any
    keywords: tuple[str, ...]
    entropy: float
    group: int


def rules(path: Path) -> list[Rule]:
    """Every rule that has an expression and that RE2 takes."""
    options = re2.Options()
    options.log_errors, options.max_mem = False, 1 << 28
    found = []
    for rule in tomllib.loads(path.read_text(encoding="utf-8"))["rules"]:
        if "regex" not in rule:
            continue
        expression = re2.compile(rule["regex"], options)
        keywords = tuple(word.lower() for word in rule.get("keywords", ()))
        group = rule.get("secretGroup", 0) or (1 if expression.groups else 0)
        found.append(Rule(expression, keywords, rule.get("entropy", 0.0), group))
    return found


def entropy(value: str) -> float:
    """Bits for each character."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())


def spans_of(text: str, known: list[Rule]) -> list[tuple[int, int, str]]:
    """The secrets that the rules name."""
    small, spans = text.lower(), set()
    for rule in known:
        if rule.keywords and not any(word in small for word in rule.keywords):
            continue
        for match in rule.expression.finditer(text):
            group = rule.group if match.group(rule.group) else 0
            value = match.group(group)
            if value and entropy(value) > rule.entropy:
                spans.add((*match.span(group), "SECRET"))
    return sorted(spans)


def say(answer: object) -> None:
    """One line of the answer."""
    sys.stdout.write(json.dumps(answer) + "\n")


def main() -> None:
    """Read all texts, answer one by one, say how long it took."""
    began = time.process_time()
    known = rules(Path(sys.argv[1]))
    started = time.process_time() - began
    texts = [json.loads(line)["text"] for line in sys.stdin]
    began = time.process_time()
    for text in texts:
        say({"spans": spans_of(text, known)})
    say({"seconds": time.process_time() - began, "started": started})


if __name__ == "__main__":
    main()
