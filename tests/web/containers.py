"""A Dockerfile carried out without Docker: its stages are folders, and its steps are run in them, as whoever runs the tests.

What cannot be done so is replaced, and each test says by what: `pip` finds what it installs in the environment that runs the
tests, in place of a package registry; users and owners of files are not made, as that would change this machine.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import site
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

OWNERS = ("useradd", "chown")
"""Commands that need to be root, and change who owns what."""
TOOLS = ("hatchling", "editables")
"""What builds the package; a registry would give it to pip."""


@dataclass
class Stage:
    """One stage of a build: its root, and what its steps have set."""

    base: str
    root: Path
    place: str = "/"
    environment: dict[str, str] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    """The last of each of ``USER``, ``ENTRYPOINT``, ``CMD`` and the like."""
    replaced: list[str] = field(default_factory=list)
    """Steps, or parts of them, that were not carried out as they stand."""

    def path(self, place: str) -> Path:
        """Where a path of the stage lies."""
        whole = place if place.startswith("/") else f"{self.place}/{place}"
        return self.root / whole.lstrip("/")

    def here(self, text: str) -> str:
        """A command with the stage's paths as they lie here."""
        return re.sub(r"(?<![\w./])/(?=(opt|data|src)\b)", f"{self.root}/", text)

    def run(self, *words: str, **more: str) -> subprocess.Popen[str]:
        """Start a command of the stage, found by its PATH, with the variables that its steps have set and no others."""
        told = {**{name: self.here(value) for name, value in self.environment.items()}, **more}
        plain = {"PATH": os.environ["PATH"], "HOME": str(self.root), "LANG": "C.UTF-8"}
        told["PATH"] = told.get("PATH", "$PATH").replace("$PATH", plain["PATH"])
        command = [self.here(word) for word in words]
        found = shutil.which(command[0], path=told["PATH"])
        assert found is not None, f"{command[0]} is not in the image"
        return subprocess.Popen(
            [found, *command[1:]], cwd=self.path("."), env={**plain, **told}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def done(self, *words: str, given: str = "", **more: str) -> str:
        """Run a command to its end, and give what it said."""
        with self.run(*words, **more) as running:
            said, problem = running.communicate(given, timeout=120)
        assert running.returncode == 0, f"{shlex.join(words)}\n{said}{problem}"
        return said


def steps(text: str) -> Iterator[tuple[str, str]]:
    """The instructions of a Dockerfile, each on one line."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            what, _, told = line.strip().partition(" ")
            yield what, told.strip()


def build(file: Path, context: Path, folder: Path) -> Stage:
    """Carry out a Dockerfile, and give its last stage. What it asks for in an unknown way is an error."""
    ignored = (context / ".dockerignore").read_text(encoding="utf-8").splitlines()
    stages: dict[str, Stage] = {}
    stage = Stage("", folder)
    for number, (what, told) in enumerate(steps(file.read_text(encoding="utf-8"))):
        if what == "FROM":
            base, _, name = told.partition(" AS ")
            stage = stages[name] = Stage(base, folder / f"stage-{number}")
            stage.root.mkdir()
        elif what == "WORKDIR":
            stage.place = told
            stage.path(".").mkdir(parents=True)
        elif what == "COPY":
            _copy(stage, stages, context, ignored, told)
        elif what == "RUN":
            for command in told.split(" && "):
                _run(stage, command)
        elif what == "ENV":
            stage.environment |= dict(pair.split("=", 1) for pair in told.split())
        elif what == "VOLUME":
            assert stage.path(told).is_dir(), f"{told} would be root's: no step makes it"
        elif what in ("USER", "EXPOSE", "STOPSIGNAL", "ENTRYPOINT", "CMD", "HEALTHCHECK"):
            stage.told[what] = told
        else:
            raise AssertionError(f"{what} is not carried out: {told}")
    return stage


def _copy(stage: Stage, stages: Mapping[str, Stage], context: Path, ignored: list[str], told: str) -> None:
    *sources, target = told.split()
    if sources[0].startswith("--from="):
        found = [stages[sources[0].partition("=")[2]].path(source) for source in sources[1:]]
    else:
        found = [context / source for source in sources]
        for source in sources:
            assert f"!{source}" in ignored, f"{source} is not in what Docker is given"
    for source in found:
        place = stage.path(target) / source.name if target.endswith("/") else stage.path(target)
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, place, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, place)


def _run(stage: Stage, command: str) -> None:
    words = shlex.split(command)
    if words[0] in OWNERS:
        stage.replaced.append(words[0])
        return
    if fnmatch(words[0], "*/pip"):
        lend(stage.path(words[0]).parents[1], context=stage.path("."), asked=words[-1])
        words += ["--no-index", "--no-deps", "--no-build-isolation"]
        stage.replaced.append("registry")
    stage.done(*words, PATH=f"{Path(sys.executable).parent}:$PATH")


def lend(environment: Path, context: Path, asked: str) -> None:
    """Put into a new environment what the package asks for, from this one, and nothing else: no registry is asked."""
    extras = set(re.findall(r"[\w-]+", asked.partition("[")[2]))
    target = next((environment / "lib").glob("python3.*/site-packages"))
    own = Path(site.getsitepackages()[0])
    for found in closure([Requirement(f"troth[{','.join(extras)}]"), *map(Requirement, TOOLS)]):
        tops = {
            Path(file).parts[0]
            for file in found.files or ()
            if Path(file).parts[0] not in ("..", "__pycache__")
        }
        for top in tops:
            if not (target / top).exists():
                (target / top).symlink_to(own / top)
    assert (context / "pyproject.toml").is_file()


def closure(wanted: list[Requirement]) -> Iterator[Distribution]:
    """Every distribution that some need, directly or not; not Troth itself."""
    seen: set[tuple[str, str]] = set()
    while wanted:
        need = wanted.pop()
        found = distribution(need.name)
        for extra in ("", *need.extras):
            if (found.name, extra) in seen:
                continue
            seen.add((found.name, extra))
            if not extra and found.name != "troth":
                yield found
            for line in found.requires or ():
                more = Requirement(line)
                if more.marker is None or more.marker.evaluate({"extra": extra}):
                    wanted.append(more)


def healthcheck(stage: Stage) -> list[str]:
    """The command with which Docker would ask whether it is healthy."""
    options, _, command = stage.told["HEALTHCHECK"].partition("CMD ")
    assert re.fullmatch(r"(--(interval|timeout|start-period|retries)=\S+ )+", options)
    return list(json.loads(command))
