"""Trust policies: every rule of C2SP tlog-policy, and quorums against a small model."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof_signing import NOW, key, signed

from troth.errors import VerificationError
from troth.proof.checkpoint import Checkpoint
from troth.proof.note import COSIGNATURE, ED25519, ML_DSA_44, Vkey, make_vkey
from troth.proof.policy import Group, Named, Policy, check_policy, policy_of, read_policy
from troth.proof.policy_text import LARGEST_POLICY

LOG = key("example.com/log")
AT = Checkpoint("example.com/log", 3, bytes(range(32)))
WITNESSES = {name: key(f"{name}.example/w", COSIGNATURE) for name in ("X1", "X2", "X3", "Y1", "Y2", "Y3")}
V = {name: str(one.vkey) for name, one in WITNESSES.items()}

EXAMPLE = f"""log {LOG.vkey}

witness X1 {V["X1"]}
witness X2 {V["X2"]}
witness X3 {V["X3"]}
group X-witnesses 2 X1 X2 X3

witness Y1 {V["Y1"]}
witness Y2 {V["Y2"]}
witness Y3 {V["Y3"]}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def test_the_example_of_the_specification_is_read() -> None:
    policy = read_policy(EXAMPLE)
    assert policy.logs == (Named("example.com/log", LOG.vkey, None),)
    assert [one.name for one in policy.witnesses] == list(WITNESSES)
    assert policy.groups == (
        Group("X-witnesses", 2, ("X1", "X2", "X3")),
        Group("Y-witnesses", 1, ("Y1", "Y2", "Y3")),
        Group("X-and-Y", 2, ("X-witnesses", "Y-witnesses")),
    )
    assert policy.quorum == "X-and-Y"
    assert read_policy(EXAMPLE.encode()) == policy


@pytest.mark.parametrize("who", ["X1 X2 Y1", "X2 X3 Y3 Y2", "X1 X2 X3 Y1 Y2 Y3"])
def test_the_quorum_of_the_example_is_met(who: str) -> None:
    names = who.split()
    data = signed(AT, LOG, *(WITNESSES[name] for name in names))
    checked = check_policy(data, read_policy(EXAMPLE))
    assert checked.signers == (LOG.vkey,)
    assert checked.cosigned == tuple((WITNESSES[name].vkey, NOW) for name in names)


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("", "no listed witness; group 'X-and-Y' has 0 of 2; group 'Y-witnesses' has 0 of 1"),
        ("X1 Y1", "cosigned by 'X1', 'Y1'; group 'X-and-Y' has 1 of 2; group 'X-witnesses' has 1 of 2"),
        ("X1 X2 X3", "group 'Y-witnesses' has 0 of 1"),
        ("Y1 Y2 Y3", "group 'X-witnesses' has 0 of 2"),
    ],
)
def test_the_quorum_of_the_example_is_not_met_and_it_is_said_what_is_missing(who: str, said: str) -> None:
    data = signed(AT, LOG, *(WITNESSES[name] for name in who.split()))
    with pytest.raises(VerificationError, match=said):
        check_policy(data, read_policy(EXAMPLE))


def test_cosignatures_without_the_log_are_not_enough() -> None:
    with pytest.raises(VerificationError, match="no listed key of the log"):
        check_policy(signed(AT, *WITNESSES.values()), read_policy(EXAMPLE))


def test_a_witness_named_like_the_log_does_not_sign_for_it() -> None:
    impostor = key(AT.origin, COSIGNATURE)
    policy = read_policy(f"log {LOG.vkey}\nwitness w {impostor.vkey}\nquorum w\n")
    with pytest.raises(VerificationError, match="no listed key of the log"):
        check_policy(signed(AT, impostor), policy)
    assert check_policy(signed(AT, LOG, impostor), policy).signers == (LOG.vkey,)


def test_the_log_does_not_count_as_a_witness() -> None:
    log = key(AT.origin, ML_DSA_44)
    policy = read_policy(f"log {log.vkey}\nwitness w {V['X1']}\nquorum w\n")
    with pytest.raises(VerificationError, match="cosigned by no listed witness"):
        check_policy(signed(AT, log), policy)


def test_a_witness_that_signs_twice_counts_once() -> None:
    policy = read_policy(
        f"log {LOG.vkey}\nwitness a {V['X1']}\nwitness b {V['X2']}\ngroup g 2 a b\nquorum g\n"
    )
    with pytest.raises(VerificationError, match="has 1 of 2"):
        check_policy(signed(AT, LOG, WITNESSES["X1"], WITNESSES["X1"]), policy)


@pytest.mark.parametrize("kind", [ED25519, COSIGNATURE, ML_DSA_44])
def test_a_log_may_sign_with_any_kind_and_any_listed_key_of_its_origin_will_do(kind: int) -> None:
    newer = key(AT.origin, kind, 7)
    policy = read_policy(f"log {LOG.vkey}\nlog {newer.vkey} https://log.example/\nquorum none\n")
    assert policy.logs[1].url == "https://log.example/"
    assert check_policy(signed(AT, newer), policy).signers == (newer.vkey,)
    assert check_policy(signed(AT, LOG, newer), policy).signers == (LOG.vkey, newer.vkey)


def test_a_log_whose_name_is_not_the_origin_is_not_its_log() -> None:
    policy = read_policy(f"log {key('example.com/other').vkey}\nquorum none\n")
    with pytest.raises(VerificationError, match=r"lists no log 'example.com/log'"):
        check_policy(signed(AT, key("example.com/other")), policy)


def test_a_policy_without_logs_is_read_and_accepts_nothing() -> None:
    policy = read_policy("quorum none\n")
    assert policy == Policy((), (), (), "none")
    with pytest.raises(VerificationError, match="lists no log"):
        check_policy(signed(AT, LOG), policy)


def test_a_false_cosignature_is_refused_even_where_no_quorum_needs_it() -> None:
    other = signed(Checkpoint(AT.origin, 4, bytes(32)), WITNESSES["X1"]).split(b"\n\n")[1]
    data = signed(AT, LOG) + other
    policy = policy_of([LOG.vkey], [WITNESSES["X1"].vkey])
    with pytest.raises(VerificationError, match="does not hold"):
        check_policy(data, policy)
    assert check_policy(data, policy_of([LOG.vkey])).unchecked == ("X1.example/w",)


def test_a_policy_of_keys_asks_for_no_quorum_and_reports_cosigners() -> None:
    policy = policy_of([LOG.vkey], [WITNESSES["X1"].vkey, WITNESSES["X2"].vkey])
    checked = check_policy(signed(AT, LOG, WITNESSES["X2"], WITNESSES["X3"]), policy)
    assert checked.cosigned == ((WITNESSES["X2"].vkey, NOW),)
    assert checked.unchecked == ("X3.example/w",)


@pytest.mark.parametrize(
    ("logs", "witnesses", "said"),
    [
        ([LOG.vkey, LOG.vkey], [], "another log"),
        ([LOG.vkey], [WITNESSES["X1"].vkey, WITNESSES["X1"].vkey], "another witness"),
        ([LOG.vkey], [LOG.vkey], "a witness cannot have"),
    ],
)
def test_a_policy_of_unfit_keys_is_refused(logs: list[Vkey], witnesses: list[Vkey], said: str) -> None:
    with pytest.raises(VerificationError, match=said):
        policy_of(logs, witnesses)


def renamed(one: Vkey, name: str) -> Vkey:
    return make_vkey(name, one.kind, one.public)


SAME_KEY = make_vkey("another.example/log", ML_DSA_44, key("m", ML_DSA_44).vkey.public)
W = f"witness a {V['X1']}\nwitness b {V['X2']}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "no quorum line", id="a quorum must be there"),
        pytest.param(f"log {LOG.vkey}\n", "no quorum line", id="a quorum must be there, also with logs"),
        pytest.param("quorum none", "does not end with a newline", id="each line ends with a newline"),
        pytest.param("quorum none\nquorum none\n", "line 2: there is a quorum line already", id="exactly one quorum"),
        pytest.param("quorum\n", "line 1: a quorum is", id="a quorum has a name"),
        pytest.param(W + "quorum a b\n", "line 3: a quorum is", id="a quorum has one name"),
        pytest.param("quorum a\n" + W, "line 1: 'a' is not defined on an earlier line", id="a quorum is defined before"),
        pytest.param("quorum None\n", "line 1: 'None' is not defined", id="none is written small"),
        pytest.param("Quorum none\n", "line 1: 'Quorum' is none of", id="keywords are written small"),
        pytest.param("threshold 2\n", "line 1: 'threshold' is none of", id="other keywords are refused"),
        pytest.param("quorum none # all\n", "line 1: a quorum is", id="a comment has its own line"),
        pytest.param("log\n", "line 1: a log is", id="a log has a key"),
        pytest.param(f"log {LOG.vkey} u v\n", "line 1: a log is", id="a log has at most a URL"),
        pytest.param("log not-a-key\n", "line 1: a verifier key is", id="a log's key is a vkey"),
        pytest.param(f"log {LOG.vkey}\nlog {LOG.vkey}\n", "line 2: .* another log", id="a log stands once"),
        pytest.param(
            f"log {LOG.vkey}\nlog {renamed(LOG.vkey, 'other')}\n", "line 2: .* another log", id="a log under two names"
        ),
        pytest.param(
            f"log {LOG.vkey}\nlog {make_vkey('x', COSIGNATURE, LOG.vkey.public)}\n",
            "line 2: .* another log",
            id="a log under two kinds",
        ),
        pytest.param("witness a\n", "line 1: a witness is", id="a witness has a key"),
        pytest.param(f"witness {V['X1']}\n", "line 1: a witness is", id="a witness has a name"),
        pytest.param(f"witness a {V['X1']} u v\n", "line 1: a witness is", id="a witness has at most a URL"),
        pytest.param(f"witness none {V['X1']}\n", "line 1: 'none' has a meaning", id="none is no witness"),
        pytest.param(f"witness a {LOG.vkey}\n", "line 1: .* kind 0x01, which a witness", id="a witness cosigns"),
        pytest.param(W + f"witness c {V['X1']}\n", "line 3: .* another witness", id="a witness stands once"),
        pytest.param(
            W + f"witness c {renamed(WITNESSES['X1'].vkey, 'other')}\n",
            "line 3: .* another witness",
            id="a witness under two names",
        ),
        pytest.param(W + f"witness a {V['X3']}\n", "line 3: 'a' is defined already", id="a name is defined once"),
        pytest.param(W + "group a any b\n", "line 3: 'a' is defined already", id="groups and witnesses share names"),
        pytest.param(W + "group none any b\n", "line 3: 'none' has a meaning", id="none is no group"),
        pytest.param(W + "group g any none\n", "line 3: 'none' cannot be a member", id="none is no member"),
        pytest.param(W + "group g any\n", "line 3: a group is", id="a group has members"),
        pytest.param(W + "group g\n", "line 3: a group is", id="a group has a rule"),
        pytest.param(W + "group g 0 a b\n", "line 3: '0' is neither", id="k is at least 1"),
        pytest.param(W + "group g 3 a b\n", "line 3: '3' is neither", id="k is at most n"),
        pytest.param(W + "group g -1 a b\n", "line 3: '-1' is neither", id="k has no sign"),
        pytest.param(W + "group g +1 a b\n", "line 3: '.1' is neither", id="k has no plus"),
        pytest.param(W + "group g 01 a b\n", "line 3: '01' is neither", id="k has no leading zero"),
        pytest.param(W + "group g 1.0 a b\n", "line 3: '1.0' is neither", id="k is whole"),
        pytest.param(W + "group g 0x1 a b\n", "line 3: '0x1' is neither", id="k is decimal"),
        pytest.param(W + "group g \u0661 a b\n", "line 3: .* is neither", id="k has ASCII digits"),
        pytest.param(W + f"group g {'9' * 5000} a b\n", "line 3: .* is neither", id="k is not endless"),
        pytest.param(W + "group g ALL a b\n", "line 3: 'ALL' is neither", id="all is written small"),
        pytest.param(W + "group g any c\n", "line 3: 'c' is not defined", id="a member is defined"),
        pytest.param("group g any a\n" + W, "line 1: 'a' is not defined", id="a member is defined before"),
        pytest.param(W + "group g any g\n", "line 3: 'g' is not defined", id="a group is not its own member"),
        pytest.param(W + "group g any a a\n", "line 3: 'a' is a member of a group already", id="a member once"),
        pytest.param(
            W + "group g any a\ngroup h any a b\n", "line 4: 'a' is a member of a group already", id="in one group"
        ),
        pytest.param(
            W + "group g any a\ngroup h any g\ngroup i any g b\n",
            "line 5: 'g' is a member of a group already",
            id="a group too is in one group",
        ),
        pytest.param("quorum none\r\n", "line 1: there is a control", id="no carriage return"),
        pytest.param("# a\x0bb\nquorum none\n", "line 1: there is a control", id="no control, also in comments"),
        pytest.param("# a\x7f\nquorum none\n", "line 1: there is a control", id="no delete"),
        pytest.param("\x00\nquorum none\n", "line 1: there is a control", id="no zero"),
        pytest.param("quorum\u00a0none\n", "line 1: .* is none of", id="white space is space and tab"),
        pytest.param("#" * LARGEST_POLICY + "\nquorum none\n", "larger than 1 MiB", id="not endless"),
    ],
)  # fmt: skip
def test_a_rule_of_the_specification(text: str, said: str) -> None:
    with pytest.raises(VerificationError, match=said):
        read_policy(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("quorum none\n", id="none, without witnesses"),
        pytest.param(W + "quorum a\n", id="a witness"),
        pytest.param(W + "group g all a b\nquorum a\n", id="a witness that is in a group"),
        pytest.param("\n \t\n# comment\n\t # other\nquorum none\n", id="empty lines and comments"),
        pytest.param(" \tquorum \t none\t \n", id="white space around and between"),
        pytest.param("quorum none\n" + W + f"log {LOG.vkey}\ngroup g 2 a b\n", id="definitions after the quorum"),
        pytest.param(f"witness any {V['X1']}\ngroup all any any\nquorum all\n", id="keywords as names"),
        pytest.param(f"witness a {V['X1']} https://w.example\nquorum none\n", id="a URL"),
        pytest.param(
            f"witness a {make_vkey('w', COSIGNATURE, LOG.vkey.public)}\nlog {LOG.vkey}\nquorum a\n",
            id="one key as log and as witness",
        ),
        pytest.param(f"log {LOG.vkey}\nlog {SAME_KEY}\nquorum none\n", id="two logs"),
    ],
)  # fmt: skip
def test_what_the_specification_allows(text: str) -> None:
    read_policy(text)


def test_names_are_octets() -> None:
    """The name K, a Kelvin sign, and octets that are no UTF-8 are three names."""
    policy = read_policy(
        b"witness K %b\nwitness \xe2\x84\xaa %b\nwitness \xff\xfe %b\ngroup g 2 K \xe2\x84\xaa \xff\xfe\nquorum g\n"
        % tuple(V[name].encode() for name in ("X1", "X2", "X3"))
    )
    assert len({one.name for one in policy.witnesses}) == 3
    with pytest.raises(VerificationError, match=r"cosigned by '\\udcff\\udcfe'") as problem:
        check_policy(signed(AT, LOG, WITNESSES["X3"]), Policy((Named("", LOG.vkey, None),), *_rest(policy)))
    str(problem.value).encode()


def _rest(policy: Policy) -> tuple[Any, ...]:
    return policy.witnesses, policy.groups, policy.quorum


def test_32_of_each_and_more_are_allowed() -> None:
    lines = [f"log {key('l', ED25519, number).vkey}" for number in range(40)]
    lines += [f"witness w{number} {key('w', COSIGNATURE, number).vkey}" for number in range(40)]
    lines += ["group g0 any w0"] + [f"group g{n} all g{n - 1} w{n}" for n in range(1, 40)]
    policy = read_policy("\n".join([*lines, "quorum g39", ""]))
    assert (len(policy.logs), len(policy.witnesses), len(policy.groups)) == (40, 40, 40)


@given(st.binary(max_size=300))
def test_a_hostile_file_is_refused_or_read(data: bytes) -> None:
    with suppress(VerificationError):
        assert read_policy(data).quorum


@dataclass
class Tree:
    """A quorum as a tree: a witness by number, or how many of the branches are needed."""

    needed: int
    branches: list[Tree | int]

    def met(self, cosigned: set[int]) -> bool:
        held = [one in cosigned if isinstance(one, int) else one.met(cosigned) for one in self.branches]
        return sum(held) >= self.needed


MODEL_WITNESSES = [key(f"w{number}", COSIGNATURE) for number in range(8)]


@given(st.data())
@settings(deadline=None, max_examples=80)
def test_a_quorum_of_nested_groups_is_met_exactly_when_the_tree_says_so(data: Any) -> None:
    lines = [f"log {LOG.vkey}", *(f"witness {n} {one.vkey}" for n, one in enumerate(MODEL_WITNESSES))]
    loose: list[tuple[str, Tree | int]] = [(str(number), number) for number in range(8)]
    while len(loose) > 1 or isinstance(loose[0][1], int):
        taken = data.draw(st.lists(st.sampled_from(range(len(loose))), min_size=1, max_size=4, unique=True))
        members = [loose[one] for one in taken]
        needed = data.draw(st.integers(1, len(members)))
        rules = (
            {str(needed)}
            | ({"any"} if needed == 1 else set())
            | ({"all"} if needed == len(members) else set())
        )
        name = f"g{len(lines)}"
        lines.append(
            f"group {name} {data.draw(st.sampled_from(sorted(rules)))} {' '.join(m for m, _ in members)}"
        )
        loose = [one for place, one in enumerate(loose) if place not in taken]
        loose.append((name, Tree(needed, [tree for _, tree in members])))
        if isinstance(loose[-1][1], Tree) and data.draw(st.integers(0, 9)) == 0:
            break
    name, tree = loose[-1]
    assert isinstance(tree, Tree)
    policy = read_policy("\n".join([*lines, f"quorum {name}", ""]))
    cosigned = data.draw(st.sets(st.integers(0, 7)))
    note = signed(AT, LOG, *(MODEL_WITNESSES[one] for one in cosigned))
    if tree.met(cosigned):
        assert len(check_policy(note, policy).cosigned) == len(cosigned)
    else:
        with pytest.raises(VerificationError, match="is not met"):
            check_policy(note, policy)
