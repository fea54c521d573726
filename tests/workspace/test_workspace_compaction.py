"""Compacting a workspace: what is erased lies in no file, what is built has the same bytes, and the ledger knows."""

from __future__ import annotations

import uuid
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from shops import AT, Shop, open_shop
from test_workspace_builds import same_files
from test_workspace_erasure import gone, readable, taken, talk

from killing import run_script
from troth.canon.canonical import digest_of_file
from troth.errors import VerificationError
from troth.operations.audit_log import AuditRequest, audit_log
from troth.operations.build import BuildRequest, Built, build_release
from troth.operations.decide import silent
from troth.operations.workspace import compact as room
from troth.operations.workspace.compact import CompactedWorkspace, compact
from troth.operations.workspace.erasure.verify_erasure import LookRequest, verify_erasure
from troth.operations.workspace.ingest import ingest
from troth.operations.workspace.opened import now, opened
from troth.operations.workspace.sequencing import sequence
from troth.operations.workspace.settings import SETTINGS
from troth.proof.payloads import Rewritten, VaultCompacted, read_payload
from troth.types.moment import parse_moment

SAID = "nobody but ben says this of pears"


@pytest.fixture
def erased(shop: Shop) -> Shop:
    """A shop in which what ben said is erased: it was in the segments of the others."""
    return without_ben(shop)


def without_ben(shop: Shop) -> Shop:
    others = [
        talk(f"of-{who}", (who, f"pears, says {who}"), at="2025-10-20T10:00:00Z") for who in ("ada", "cleo")
    ]
    taken(shop, talk("of-ben", ("ben", SAID), at="2025-10-20T10:00:00Z"), *others)
    gone(shop, conversation="of-ben")
    return shop


def from_vault(shop: Shop, name: str, checkpoint: int | None = None) -> Built:
    return build_release(
        BuildRequest(
            terms="anthropic-consumer", options={}, history=(), records=(), purpose="train.general",
            at=parse_moment(AT), seed=7, out=shop.folder / name, workspace=shop.workspace, checkpoint=checkpoint,
        )
    )  # fmt: skip


def segments(shop: Shop) -> list[Path]:
    return sorted((shop.workspace / "vault" / "segments").glob("*.parquet"))


def told(shop: Shop) -> list[VaultCompacted]:
    with opened(shop.workspace) as found:
        assert not found.store.pending(1)
        rows = list(found.store.opened(kinds=("compaction",)))
    payloads = [read_payload(row.kind, row.payload) for row in rows]
    return [one for one in payloads if isinstance(one, VaultCompacted)]


def whole_ledger(shop: Shop) -> None:
    assert not audit_log(AuditRequest(str(shop.ledger), shop.log_key), now(), silent).findings


def looked(shop: Shop) -> tuple[list[str], int]:
    needle = shop.folder / "needle.txt"
    needle.write_text(f"{SAID}\n", encoding="utf-8")
    done = verify_erasure(LookRequest(shop.workspace, "of-ben", (needle,)))
    return done.findings, done.sealed


def test_what_is_erased_lies_in_no_segment_and_nothing_that_is_looked_for_is_found(erased: Shop) -> None:
    assert looked(erased) == ([], 1)
    before = readable(erased)
    done = compact(erased.workspace)
    assert (done.vault.removed, done.vault.segments_after) == (1, 1)
    assert looked(erased) == ([], 0)
    assert readable(erased) == before == ["of-ada", "of-cleo"]
    for file in segments(erased):
        assert "of-ben" not in pq.read_table(file)["conversation"].to_pylist()


def test_an_old_log_brings_nothing_back(erased: Shop) -> None:
    compact(erased.workspace)
    added = ingest(erased.workspace, [str(erased.logs)]).added
    assert (added.new, added.repeated, added.gone) == (0, 2, 1)
    assert readable(erased) == ["of-ada", "of-cleo"]


def test_a_build_from_the_vault_has_the_same_bytes_as_before(erased: Shop) -> None:
    first = from_vault(erased, "first")
    assert first.release.ledger is not None
    compact(erased.workspace)
    again = from_vault(erased, "again", first.release.ledger.size)
    assert again.manifest == first.manifest
    assert same_files(erased.folder / "first", erased.folder / "again")


def test_the_ledger_says_which_files_became_which(erased: Shop) -> None:
    (old,) = segments(erased)
    was = digest_of_file(old)
    done = compact(erased.workspace)
    (new,) = segments(erased)
    (entry,) = told(erased)
    assert entry.removed == 1
    assert entry.rewritten == (Rewritten(old=(was,), new=digest_of_file(new)),)
    assert done.ledger.entries == 1
    whole_ledger(erased)
    assert compact(erased.workspace).ledger.entries == 0
    assert len(told(erased)) == 1


def test_with_nothing_erased_nothing_is_written(shop: Shop) -> None:
    taken(shop)
    before = segments(shop)
    done = compact(shop.workspace)
    assert (done.vault.removed, done.ledger.entries) == (0, 0)
    assert segments(shop) == before
    assert told(shop) == []


def test_an_erasure_after_a_compaction_goes_with_the_next(erased: Shop) -> None:
    compact(erased.workspace)
    gone(erased, conversation="of-cleo")
    done = compact(erased.workspace)
    assert (done.vault.removed, readable(erased)) == (1, ["of-ada"])
    assert [one.removed for one in told(erased)] == [1, 1]
    whole_ledger(erased)


def test_what_a_killed_compaction_did_is_told_by_the_next(
    erased: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Stands for the end of the process."""

    def end(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(room, "_tell", end)
        with pytest.raises(Killed):
            compact(erased.workspace)
    with opened(erased.workspace) as found, found.vault.compacting() as compaction:
        compaction.run(silent)
        noted = compaction.rewritings(9)
        found.store.append(
            [room.act("compaction", room._payload(noted))]
        )  # killed before the note is taken away
    done = compact(erased.workspace)
    assert done.vault.removed == 0
    assert [one.removed for one in told(erased)] == [1]
    whole_ledger(erased)


def test_damage_is_named_and_what_was_done_is_told_all_the_same(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(shop, talk("of-ada", ("ada", "pears")))
    taken(shop, talk("of-ben", ("ben", "pears")))
    gone(shop, conversation="of-ada")
    gone(shop, conversation="of-ben")
    first, second = segments(shop)
    second.write_bytes(second.read_bytes()[:-1] + b"?")
    with pytest.raises(VerificationError, match=r"000000002\.parquet: it is not the file that was written"):
        compact(shop.workspace)
    assert not first.exists()
    assert second.exists()
    with opened(shop.workspace) as found:
        assert len(found.store.pending(9)) == 1
    sequence(shop.workspace)
    assert [one.removed for one in told(shop)] == [1]


def test_segments_of_a_workspace_lie_where_its_settings_say(tmp_path: Path) -> None:
    url = f"memory://{uuid.uuid4().hex}/segments"
    shop = open_shop(tmp_path, segments=url)
    assert f'segments = "{url}"' in (shop.workspace / SETTINGS).read_text()
    without_ben(shop)
    assert segments(shop) == []
    assert looked(shop) == ([], 1)
    first = from_vault(shop, "first")
    assert first.release.ledger is not None
    assert compact(shop.workspace).vault.removed == 1
    assert looked(shop) == ([], 0)
    assert from_vault(shop, "again", first.release.ledger.size).manifest == first.manifest
    gone(shop, account="ada")
    assert readable(shop) == ["of-cleo"]


def test_compactions_may_run_while_a_build_reads(erased: Shop) -> None:
    done: list[CompactedWorkspace] = []

    def meanwhile(stage: str, _done: int, _total: int | None) -> None:
        if stage == "read" and not done:
            done.append(compact(erased.workspace))

    wanted = from_vault(erased, "first")
    request = BuildRequest(
        terms="anthropic-consumer", options={}, history=(), records=(), purpose="train.general", at=parse_moment(AT),
        seed=7, out=erased.folder / "again", workspace=erased.workspace, checkpoint=wanted.release.ledger.size,  # type: ignore[union-attr]
    )  # fmt: skip
    built = build_release(request, progress=meanwhile)
    assert built.manifest == wanted.manifest
    assert done[0].vault.removed == 1
    assert done[0].vault.waiting == 1
    assert readable(erased) == [
        "of-ada",
        "of-cleo",
    ]  # the next that opens the workspace removes what the build held
    assert len(segments(erased)) == 1


def test_killed_at_steps_of_a_compaction_the_next_one_ends_it_and_the_ledger_tells_of_it_once(
    place: Path,
) -> None:
    done = run_script(Path(__file__).with_name("compact_kill.py"), "at_steps", str(place), "3", "9")
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 8
