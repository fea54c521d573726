"""Calls that repeat the history: each turn becomes one record, with the earliest time that any call tells."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from reader_logs import Log

from troth.intake.readers.blocks import Thought
from troth.intake.readers.calls import Call, conversations_of_calls
from troth.intake.turns import Conversation, Damage, Turn


def user(text: str) -> Turn:
    return Turn("user", text=text)


def answer(text: str) -> Turn:
    return Turn("assistant", text=text)


def rules(text: str) -> Turn:
    return Turn("tool", text=text, tool="system")


def call(at: int, *said: Turn, says: str | None = None, **told: object) -> Call:
    made = {"asked_at": at, "answered_at": at + 1, "account": "ada", **told}
    return Call("talk", said, (answer(says),) if says else (), **made)  # type: ignore[arg-type]


def read(*calls: Call | Damage) -> Log:
    found = list(conversations_of_calls(lambda: iter(calls)))
    conversations = [each for each in found if isinstance(each, Conversation)]
    return Log(conversations, [each for each in found if isinstance(each, Damage)])


def times(log: Log) -> list[tuple[str | None, int | None]]:
    return [(turn.text, turn.at) for turn in log.turns]


FIRST = call(10, user("a"), says="b")
SECOND = call(20, user("a"), answer("b"), user("c"), says="d")
THIRD = call(30, user("a"), answer("b"), user("c"), answer("d"), user("e"), says="f")
WHOLE = [("a", 10), ("b", 11), ("c", 20), ("d", 21), ("e", 30), ("f", 31)]


def test_a_repeated_history_is_no_second_record() -> None:
    assert times(read(FIRST, SECOND, THIRD)) == WHOLE


def test_calls_out_of_order_tell_the_same_times() -> None:
    assert sorted(times(read(THIRD, SECOND, FIRST))) == WHOLE


def test_ids_do_not_depend_on_the_order_of_calls() -> None:
    assert set(read(FIRST, SECOND, THIRD).ids) == set(read(THIRD, FIRST, SECOND).ids)


def test_what_stands_before_an_answer_in_the_first_call_that_shows_it_has_no_time() -> None:
    assert times(read(SECOND)) == [("a", None), ("b", None), ("c", 20), ("d", 21)]


def test_a_history_cut_at_its_front_is_recognised() -> None:
    cut = call(30, user("c"), answer("d"), user("e"), says="f")
    assert times(read(FIRST, SECOND, cut)) == WHOLE


def test_the_same_words_said_again_later_are_a_second_record() -> None:
    again = call(20, user("a"), answer("b"), user("a"), says="b")
    assert times(read(FIRST, again)) == [("a", 10), ("b", 11), ("a", 20), ("b", 21)]


def test_an_answer_made_again_is_a_second_record() -> None:
    assert times(read(FIRST, call(20, user("a"), says="other"))) == [("a", 10), ("b", 11), ("other", 21)]


def test_an_answer_that_the_history_tells_otherwise_is_kept_and_later_turns_keep_their_time() -> None:
    told_otherwise = call(20, user("a"), answer("b, shortened"), user("c"), says="d")
    assert times(read(FIRST, told_otherwise)) == [
        ("a", 10),
        ("b", 11),
        ("b, shortened", None),
        ("c", 20),
        ("d", 21),
    ]


def test_instructions_that_change_do_not_make_the_talk_another() -> None:
    log = read(
        call(10, rules("It is nine."), user("a"), says="b"),
        call(20, rules("It is ten."), user("a"), answer("b"), user("c")),
        call(30, rules("It is ten."), user("a"), answer("b"), user("c"), answer("d"), user("e")),
    )
    assert [text for text, _ in times(log)] == ["It is nine.", "a", "b", "It is ten.", "c", "d", "e"]


def test_thoughts_that_the_history_leaves_out_do_not_make_the_talk_another() -> None:
    thoughtful = Call("talk", (user("a"),), (Thought("assistant", text="hm"), answer("b")), 10, 11, "ada")
    assert times(read(thoughtful, SECOND)) == [("a", 10), ("hm", 11), ("b", 11), ("c", 20), ("d", 21)]


def test_thoughts_that_the_history_repeats_are_no_second_record() -> None:
    hm = Thought("assistant", text="hm")
    thoughtful = Call("talk", (user("a"),), (hm, answer("b")), 10, 11, "ada")
    assert times(read(thoughtful, call(20, user("a"), hm, answer("b"), user("c"))))[3:] == [("c", 20)]


def test_two_people_who_say_the_same_in_one_session_are_two() -> None:
    log = read(FIRST, call(20, user("a"), says="b", account="ben"))
    assert [(each.account, len(each.turns)) for each in log.conversations] == [("ada", 2), ("ben", 2)]
    assert len(set(log.ids)) == 4


def test_a_person_not_told_is_not_the_one_told_elsewhere() -> None:
    log = read(FIRST, call(20, user("a"), account=None))
    assert [each.account for each in log.conversations] == ["ada", None]


def test_the_run_of_a_tool_repeats_nothing() -> None:
    result = Turn("tool", text="3", kind="connector")
    runs = [Call("talk", (), (result,), at, at, "ada", apart=f"run-{at}") for at in (10, 20)]
    assert times(read(*runs)) == [("3", 10), ("3", 20)]


def test_a_call_without_words_is_a_conversation_without_turns() -> None:
    log = read(Call("talk", (), line=7))
    assert [(each.turns, each.line) for each in log.conversations] == [((), 7)]


def test_positions_go_on_from_call_to_call() -> None:
    assert [turn.position for turn in read(FIRST, SECOND, THIRD).turns] == list(range(6))


def test_damage_is_handed_on_once() -> None:
    damage = Damage(3, "is not a call")
    log = read(FIRST, damage, SECOND)
    assert log.damage == [damage]
    assert len(log.turns) == 4


@given(st.lists(st.sampled_from("abc"), max_size=8), st.permutations(range(8)))
def test_any_talk_logged_call_by_call_is_told_once_in_any_order(words: list[str], order: list[int]) -> None:
    history: list[Turn] = []
    calls = []
    for number, word in enumerate(words):
        calls.append(call(number * 10, *history, user(word), says=f"re {word}"))
        history += [user(word), answer(f"re {word}")]
    told = sorted(
        pair
        for number, word in enumerate(words)
        for pair in ((word, number * 10), (f"re {word}", number * 10 + 1))
    )
    assert sorted(times(read(*calls))) == told
    assert sorted(times(read(*(calls[index] for index in order if index < len(calls))))) == told
