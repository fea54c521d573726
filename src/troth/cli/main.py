"""The door of the command line: every command by name, imported only when it is called."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click

from troth import __version__
from troth.cli.failures import NobodyReadsError, run
from troth.cli.lazy import Door, Doors, LazyGroup

ROOMS: Mapping[str, Door | Doors] = {
    "decide": Door("decide", "Decide every record: one row each, with the reason."),
    "explain": Door("explain", "Say why one record is allowed or denied, and what would change it."),
    "scenarios": Door("scenarios", "Run scenarios, and name every answer that is not the right one."),
    "terms": Doors(
        "Published terms: list, show, check, compare and publish them.",
        {
            "list": Door("terms.listing", "List the terms that come with Troth."),
            "show": Door("terms.show", "Say in plain English what terms say."),
            "check": Door("terms.check", "Find every problem of a terms file or a folder of versions."),
            "diff": Door("terms.diff", "Say how two versions differ, in text and in meaning."),
            "impact": Door("terms.impact", "Count whose records other terms would decide otherwise."),
            "publish": Door("terms.publish", "Record the digests of a folder's versions, so that they stay."),
        },
    ),
    "init": Door("init", "Make a workspace: an event store, a ledger and a place for releases."),
    "migrate": Door("migrate", "Seal what an older workspace holds in plain."),
    "record": Door("record", "Record events in a workspace, durably."),
    "ingest": Door("ingest", "Take logs into the vault of a workspace, sealed."),
    "show": Door("show", "Open one conversation of the vault, as an act that the ledger records."),
    "erase": Door("erase", "Destroy the keys of what is asked to go, and say what stays and why."),
    "retain": Door("retain", "Hold the vault against the terms: what is due, and, if asked, destroy it."),
    "verify-erasure": Door("verify_erasure", "Show by looking that nothing yields a conversation any more."),
    "vault": Doors(
        "The vault of a workspace: what it holds, who keeps its root; remove what is erased from its files.",
        {
            "stats": Door(
                "vault.stats", "Say what the vault holds: live, dead, due and held; draw it over time."
            ),
            "keeper": Door(
                "vault.keeper", "Say who keeps the root of the keys, or give it to other keepers."
            ),
            "compact": Door("vault.compact", "Remove what is erased from the files of vault and releases."),
        },
    ),
    "backup": Door("backup", "Copy everything of a workspace but its root and its signing keys."),
    "restore": Door("restore", "Make a workspace of a backup, in which what was erased stays erased."),
    "build": Door("build", "Build a release: a training set with receipts."),
    "read": Door("read", "Open what may still be used of a sealed release, and count what may not."),
    "export": Door("export", "Write a sealed release in plain, for a recipient whom the terms allow."),
    "verify": Door("verify", "Verify a release or receipts: are they what they say they are?"),
    "receipt": Door("receipt", "Write a receipt that anyone can check offline."),
    "release": Doors(
        "Releases of a workspace: withdraw them.",
        {
            "withdraw": Door(
                "release_withdraw", "Say in the ledger that a release is not to be used any more."
            )
        },
    ),
    "lineage": Doors(
        "What was made from releases: record it, find it.",
        {
            "add": Door("lineage_add", "Record that weights were made from releases and other weights."),
            "of": Door("lineage_of", "Find everything that a conversation, account or release went into."),
        },
    ),
    "sequence": Door("sequence", "Commit what is pending to the ledger, and mend what a crash left."),
    "audit-log": Door("audit_log", "Audit a ledger as a stranger: every file, entry, hash and checkpoint."),
    "keys": Doors(
        "Keys that sign releases: make them.", {"new": Door("keys_new", "Make a key to sign releases with.")}
    ),
    "serve": Door("serve", "Serve a workspace over HTTP: the question, choices, requests and the ledger."),
    "key": Doors(
        "Keys that call the service: make, list and revoke them.",
        {
            "new": Door("key_new", "Make a key for a product or an operator, and show it once."),
            "list": Door("key_list", "List the keys of the service: numbers and roles, never the keys."),
            "revoke": Door("key_revoke", "Revoke a key: within a second it opens nothing."),
        },
    ),
    "witness": Doors(
        "A witness for other people's ledgers: make it, let it know logs, run it.",
        {
            "new": Door("witness_new", "Make a witness: keys, and a folder to remember in."),
            "trust": Door("witness_trust", "Let a witness cosign for a log."),
            "run": Door("witness_run", "Run a witness until it is told to end."),
        },
    ),
    "history": Doors(
        "Histories of events: check them, and get them out of a workspace.",
        {
            "check": Door("history_check", "Check the events of a history."),
            "export": Door("history_export", "Write the events of a workspace as a history."),
        },
    ),
    "notice": Doors(
        "Questions that people are asked: check them.",
        {"lint": Door("notice_lint", "Find dark patterns in a question, or in a dialog as it is shown.")},
    ),
    "redact": Door("redact", "Replace sensitive data in texts: tags, surrogates, pseudonyms, masks."),
    "scan": Door("scan", "Find sensitive data in texts and logs: spans, counts, masked examples."),
    "records": Door("records", "Read logs, and write their records as Parquet."),
    "demo": Door("demo", "Run the main job on a made-up organisation, and show what happened."),
    "formats": Door("formats", "List the log formats that Troth reads."),
}


class Root(LazyGroup):
    """The whole command. Everything that goes wrong below it ends as one line and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. A closed pipe is named before click takes it for a finding."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as problem:
            raise NobodyReadsError from problem

    def main(self, *args: Any, **settings: Any) -> Any:
        """Run, and exit."""
        settings["standalone_mode"] = False
        entered = super().main
        sys.exit(run(lambda: entered(*args, **settings)))


def _version(ctx: click.Context, param: click.Parameter, asked: bool) -> None:  # noqa: ARG001 — click's own signature
    if asked:
        click.echo(f"troth {__version__}")
        ctx.exit()


VERSION = click.Option(
    ["--version"],
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and exit.",
)

troth = Root(
    rooms=ROOMS,
    name="troth",
    params=[VERSION],
    help="Published data-use terms as code: decide, build and prove which conversations may train a model.",
    epilog="Every command has --help, with an example. Manual: docs/commands/README.md.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def main() -> None:
    """Run the command line."""
    troth.main(prog_name="troth")
