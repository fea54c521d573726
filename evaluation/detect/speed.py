"""How fast, how large, how soon: each way is measured in a process of its own, which this file also is."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from evaluation.detect.corpora import Document

ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
WAYS = {"patterns": "patterns and secrets only", "names": "with names", "two": "with names, two processes"}


@dataclass(frozen=True, slots=True)
class Measured:
    """One way."""

    way: str
    characters: int
    cpu: float
    """Processor seconds, without the start."""
    wall: float
    started: float
    """Processor seconds until it was ready."""
    memory: float
    """MB at most, of the largest process."""

    @property
    def per_cpu_second(self) -> float:
        """MB (million characters) for each processor second."""
        return self.characters / 1e6 / self.cpu if self.cpu else 0.0


def mixed(prose: Sequence[Document], code: Sequence[Document], size: int) -> list[str]:
    """Chat and code: of five texts, three of prose and two of code, over and over, each time marked anew."""
    texts: list[str] = []
    length, turn = 0, 0
    while length < size:
        source = code if turn % 5 in (1, 3) else prose
        text = f"{turn} {source[turn % len(source)].text}"
        texts.append(text)
        length += len(text)
        turn += 1
    return texts


def measured(way: str, texts: Sequence[str]) -> Measured:
    """Measure one way in a process of its own, one thread in each process."""
    environment = {**os.environ, **dict.fromkeys(ONE_THREAD, "1")}
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    command = (sys.executable, "-m", "evaluation.detect.speed", way)
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True, env=environment)
    return Measured(**json.loads(done.stdout))


def main() -> None:
    """Read texts, find, say what it took."""
    way = sys.argv[1]
    texts = [json.loads(line) for line in sys.stdin]
    began = time.process_time()
    if way == "two":
        sys.stdout.write(json.dumps(asdict(_two(texts))))
        return
    from troth.detect.detector import Detector, standard  # noqa: PLC0415 — its loading is what is measured

    detector = standard() if way == "names" else Detector(standard().recognisers)
    detector.find(["Ann Lee, ann@example.org"])
    started = time.process_time() - began
    began, clock = time.process_time(), time.perf_counter()
    detector.find(texts)
    cpu, wall = time.process_time() - began, time.perf_counter() - clock
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps(asdict(Measured(way, sum(map(len, texts)), cpu, wall, started, memory))))


def _two(texts: Sequence[str]) -> Measured:
    from troth.build.crew import Crew  # noqa: PLC0415

    step = 200
    columns = [list(texts[place : place + step]) for place in range(0, len(texts), step)]
    with Crew(2) as crew:
        list(crew.each(_work, columns[:8]))  # until both are there and ready
        began, clock = _children(), time.perf_counter()
        list(crew.each(_work, columns))
        wall = time.perf_counter() - clock
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return Measured("two", sum(map(len, texts)), _children() - began, wall, 0.0, memory)


def _children() -> float:
    """Processor seconds of processes that have ended; the two have, once they are waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _work(texts: list[str]) -> int:
    from troth.detect.detector import standard  # noqa: PLC0415

    return sum(map(len, standard().find(texts)))


if __name__ == "__main__":
    main()
