"""Conversations for a demonstration where there are none: invented, short, from a seed."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec

OPENINGS = (
    "How do I repot a fern without hurting its roots?",
    "Write a friendly note to a neighbour about the garden fence.",
    "Why does my loop skip the last item of the list?",
    "What is a good plan for three rainy days by the sea?",
    "Explain compound interest as if I were ten.",
    "My sourdough is flat. What went wrong?",
    "Turn these minutes into five bullet points.",
    "Suggest names for a small bakery on a hill.",
    "What does this error mean: list index out of range?",
    "Help me practise for a job interview as a nurse.",
)
FOLLOWING = (
    "Thanks, and how long should that take?",
    "Can you make it shorter?",
    "Send it to ada@example.com, or call me on +44 20 7946 0958.",
    "And what if it rains?",
    "Please show an example.",
    "My card 4111 1111 1111 1111 was charged twice, what now?",
)
ANSWERS = (
    "Start with the smallest step, look at the result, and only then take the next one.",
    "Here is a first draft. Tell me what sounds unlike you and I will change it.",
    "The index counts from zero, so the last item of a list of n items is at n minus one.",
    "Take an hour for it; most of that is waiting, so do something pleasant meanwhile.",
    "Of course. Here is an example that you can change as you like.",
    "Two things matter most here: the order, and leaving enough room between the parts.",
)


def write_talk(path: Path, seed: int, conversations: int = 240) -> Path:
    """Write invented conversations as OpenAI chat JSON Lines."""
    rng = random.Random(seed)  # noqa: S311 - a demonstration, not a secret
    lines = []
    for number in range(conversations):
        opening = f"{rng.choice(OPENINGS)} (Question {number // 2 if number % 12 == 0 else number}.)"
        messages = [
            {"role": "user", "content": opening},
            {"role": "assistant", "content": rng.choice(ANSWERS)},
        ]
        for _ in range(rng.randint(0, 3)):
            messages.append({"role": "user", "content": rng.choice(FOLLOWING)})
            messages.append({"role": "assistant", "content": f"{rng.choice(ANSWERS)} {rng.choice(ANSWERS)}"})
        lines.append(msgspec.json.encode({"id": f"talk-{number:05}", "messages": messages}))
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path
