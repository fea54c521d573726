"""``troth terms``: list, show, check, diff, impact and publish."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from running import Run

OVER = ("--history", "history.jsonl", "--records", "chats.jsonl", "--at", "2025-11-01")


def test_all_shipped_terms_are_listed(run: Run) -> None:
    found = json.loads(run("terms", "list", "--json").stdout)
    assert [one["name"] for one in found] == [
        "amazon-alexa", "anthropic-commercial", "anthropic-consumer", "google-keep-activity", "meta-public", "openai",
    ]  # fmt: skip
    assert "2025-08-28  published 2025-08-28, in force from 2025-09-28" in run("terms", "list").stdout


def test_a_version_is_shown_in_words_and_for_machines(run: Run) -> None:
    old = run("terms", "show", "openai@2023-03-01").stdout
    assert "2023-03-01 (shown here)" in old
    newest = json.loads(
        run("terms", "show", "openai", "--option", "after_opt_out=exclude_new", "--json").stdout
    )
    assert (newest["version"], newest["settled"]["after_opt_out"]) == ("2025-05-13", "exclude_new")


def test_a_check_names_every_problem_and_fails_only_for_errors(run: Run) -> None:
    assert run("terms", "check", "shop-terms").stdout.endswith("0 errors, 2 notes\n")
    found = json.loads(run("terms", "check", "broken.toml", "--json", code=1).stdout)
    assert (found["errors"], found["notes"], len(found["problems"])) == (2, 1, 3)


@pytest.mark.parametrize("name", ["amazon-alexa", "anthropic-commercial", "meta-public", "openai"])
def test_shipped_terms_have_no_errors(run: Run, name: str) -> None:
    run("terms", "check", name)


def test_a_difference_is_told_in_text_and_meaning(run: Run) -> None:
    told = run("terms", "diff", "anthropic-consumer@2025-05-01", "anthropic-consumer@2025-08-28").stdout
    assert "rules choose-before-going-on added" in told
    assert "What is denied that was not\n  serve: " in told
    same = run("terms", "diff", "openai", "openai").stdout
    assert same.splitlines()[1] == "no difference"
    both = json.loads(
        run("terms", "diff", "openai", "meta-public", "--option", "shared_content=own_part", "--json").stdout
    )
    assert both["old"] == "openai@2025-05-13"


def test_an_impact_counts_records_conversations_and_people(run: Run) -> None:
    found = json.loads(
        run(
            "terms",
            "impact",
            "anthropic-consumer",
            "shop-terms",
            *OVER,
            "--purpose",
            "train.general",
            "--json",
        ).stdout
    )
    assert (found["old"], found["new"], found["records"]) == ("anthropic-consumer", "shop@2025-06-01", 10)
    (one,) = found["purposes"]
    assert one["opens"] == {"records": 2, "conversations": 1, "people": 1}
    assert one["closes"] == {"records": 0, "conversations": 0, "people": 0}
    assert sum(flow["count"]["records"] for flow in one["flows"]) == 10
    opened = [flow for flow in one["flows"] if flow["sort"] == "opens"]
    assert [(flow["old_reason"], flow["new_reason"]) for flow in opened] == [
        ("said_before_choice", "choice_granted")
    ]
    assert found["kept"]["longer"] == 0


def test_an_impact_is_for_every_purpose_and_can_be_drawn(run: Run) -> None:
    versions = ("anthropic-consumer@2025-05-01", "anthropic-consumer@2025-09-27")
    told = run("terms", "impact", *versions, *OVER, "--out", "impact.html").stdout
    for purpose in ("train.general", "train.safety", "review.human", "serve", "share.third_party", "sell"):
        assert f"\n{purpose}\n" in told
    assert "allowed: needed_to_serve  denied: choice_required        2              1       1" in told
    page = Path("impact.html").read_text(encoding="utf-8")
    drawing = page[
        page.index("<svg", page.index("serve</h2>")) : page.index("</svg>", page.index("serve</h2>")) + 6
    ]
    ribbons = ElementTree.fromstring(drawing).findall(".//path")  # noqa: S314 — our own
    assert {ribbon.get("class") for ribbon in ribbons} >= {"closes"}
    assert "http" not in page
    assert "<script" not in page


def test_a_version_alone_is_in_force_whatever_its_date(run: Run) -> None:
    early = (
        "--history",
        "history.jsonl",
        "--records",
        "chats.jsonl",
        "--at",
        "2025-10-01",
        "--purpose",
        "serve",
    )
    found = json.loads(
        run("terms", "impact", "shop-terms", "anthropic-consumer@2025-09-27", *early, "--json").stdout
    )
    answers = {flow["new_reason"] for flow in found["purposes"][0]["flows"]}
    assert "terms_not_in_force" not in answers


def test_publishing_keeps_a_text_what_it_was(run: Run) -> None:
    found = json.loads(run("terms", "publish", "shop-terms", "--json").stdout)
    assert found["added"] == ["2025-06-01"]
    assert json.loads(run("terms", "publish", "shop-terms", "--json").stdout)["added"] == []
    file = Path("shop-terms/2025-06-01.toml")
    file.write_text(file.read_text(encoding="utf-8").replace("P2Y", "P9Y"), encoding="utf-8")
    lock = Path("shop-terms/terms.lock").read_bytes()
    assert "has changed since it was published" in run("terms", "publish", "shop-terms", code=1).stdout
    assert Path("shop-terms/terms.lock").read_bytes() == lock


def test_terms_with_an_error_are_not_published(run: Run) -> None:
    Path("bad").mkdir()
    Path("broken.toml").rename("bad/2025-06-01.toml")
    assert "not published" in run("terms", "publish", "bad", code=1).stdout
    assert [path.name for path in Path("bad").iterdir()] == ["2025-06-01.toml"]
