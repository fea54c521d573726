"""ChatGPT data exports: ``conversations.json``, an array of conversations or a single one.

Each conversation is a tree (``mapping``); answers that were regenerated and questions that were edited are
in it beside those last shown. Nodes may have no message. Pictures, sound and attachments lie elsewhere in
the export and are kept by their pointers. What the service's own tools answer is ``code``, ``text`` or,
from the person's files, ``upload``; what any other tool answers is ``connector``.

The export names no account: ``user.json`` beside it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from troth.intake.readers.blocks import Thought
from troth.intake.readers.elements import parse_each, told
from troth.intake.readers.log_times import time_of_epoch
from troth.intake.readers.media import kind_of_media, linked_media
from troth.intake.readers.tools import as_json
from troth.intake.readers.trees import Node, turns_of_tree
from troth.intake.sample import JSON_SHAPES
from troth.intake.source import Sample, Source
from troth.intake.turns import Conversation, Damage, Reader, Turn

Json = dict[str, Any]

_OWN_TOOLS = {
    "python": "code",
    "container": "code",
    "computer": "code",
    "browser": "text",
    "web": "text",
    "dalle": "text",
    "image_gen": "text",
    "bio": "text",
    "canmore": "text",
    "myfiles_browser": "upload",
    "file_search": "upload",
}
"""The service's own tools, and the kind of what they answer."""
_POINTERS = {
    "image_asset_pointer": "photo",
    "audio_asset_pointer": "audio",
    "video_container_asset_pointer": "video",
    "video_asset_pointer": "video",
}
_BY_PERSON = ("user_profile", "user_instructions")
_TEXTS = ("text", "result", "content", "model_set_context", "summary")


def recognises(sample: Sample) -> bool:
    """A tree of nodes with messages, parents and children."""
    return sample.shape in JSON_SHAPES and any(map(_is_conversation, sample.objects))


def _is_conversation(value: Json) -> bool:
    mapping = value.get("mapping")
    if not isinstance(mapping, dict) or "chat_messages" in value:
        return False
    nodes = [node for node in mapping.values() if isinstance(node, dict)]
    return any("message" in node and ("parent" in node or "children" in node) for node in nodes)


def read(source: Source) -> Iterator[Conversation | Damage]:
    """One conversation for each tree."""
    return parse_each(source, _parse, "a ChatGPT conversation")


def _parse(value: Json) -> Iterable[Conversation]:
    mapping = value["mapping"]
    turns = turns_of_tree(mapping, lambda node: node.get("parent"), lambda _, node: list(_turns(node)))
    yield Conversation(tuple(turns), id=told(value.get("conversation_id")) or told(value.get("id")))


def _turns(node: Node) -> Iterator[Turn]:
    message = node.get("message")
    if message is None:
        return
    author, metadata = message["author"], message.get("metadata") or {}
    if not isinstance(author["role"], str):
        raise TypeError("a role is text")
    at = time_of_epoch(message.get("create_time"))
    model = told(metadata.get("model_slug"))
    content = message.get("content") or {}
    for turn in (*_said(content, author, message.get("recipient")), *_attachments(content, author, metadata)):
        spoken = turn.role == "assistant"
        yield replace(turn, id=told(message.get("id")), at=at, model=model if spoken else None)


def _said(content: Json, author: Json, recipient: Any) -> Iterator[Turn]:
    """The turns of a message's content, with the role and kind that its author gives them."""
    role, name = author["role"], told(author.get("name"))
    for turn in _turns_of_content(content, role):
        if role == "system" and turn.role != "user":
            yield replace(turn, role="tool", tool="system")
        elif role == "tool":
            yield _answer(turn, name)
        elif role == "assistant" and recipient not in (None, "all") and turn.text is not None:
            yield replace(turn, kind="code", tool=told(recipient))
        else:
            yield turn


def _answer(turn: Turn, name: str | None) -> Turn:
    kind = _OWN_TOOLS.get((name or "").partition(".")[0], "connector")
    own = turn.kind if turn.text is None and kind != "connector" else kind
    return replace(turn, kind=own, tool=name)


def _turns_of_content(content: Json, role: str) -> Iterator[Turn]:
    form = content.get("content_type")
    for part in content.get("parts") or ():
        yield from _turns_of_part(part, form, role)
    for key in _BY_PERSON:
        if content.get(key):
            yield Turn("user", text=as_json(content[key]))
    for thought in content.get("thoughts") or ():
        for key in ("summary", "content"):
            if thought.get(key):
                yield Thought("assistant", text=as_json(thought[key]))
    kind = "code" if form in ("code", "execution_output") else "text"
    found = [content[key] for key in _TEXTS if content.get(key)]
    yield from (Turn(role, text=as_json(text), kind=kind) for text in found)
    told_otherwise = {"content_type", "parts", "thoughts", *_BY_PERSON, *_TEXTS} & content.keys() - {
        "content_type"
    }
    if not told_otherwise and content.keys() - {"content_type"}:
        yield Turn(role, text=as_json(content), kind=kind)


def _turns_of_part(part: Any, form: Any, role: str) -> Iterator[Turn]:
    if isinstance(part, str):
        if part:
            speaker = Thought if form == "thoughts" else Turn
            yield speaker(role, text=part)
        return
    if not isinstance(part, dict):
        return
    kind = part.get("content_type")
    if isinstance(kind, str) and kind in _POINTERS:
        yield linked_media(role, part.get("asset_pointer"), part.get("mime_type"), _POINTERS[kind])
    elif kind == "audio_transcription":
        yield Turn(role, text=told(part.get("text")), kind="transcript")
    elif kind == "real_time_user_audio_video_asset_pointer":
        inner = [part.get("audio_asset_pointer"), part.get("video_container_asset_pointer")]
        for each in (*inner, *(part.get("frames_asset_pointers") or ())):
            yield from _frame(each, role)
    else:
        yield Turn(role, text=as_json(part.get("text") or part))


def _frame(pointer: Any, role: str) -> Iterator[Turn]:
    """Sound and pictures of a live talk; single frames are pointers without a type."""
    if isinstance(pointer, str):
        yield linked_media(role, pointer, kind="photo")
    elif isinstance(pointer, dict):
        yield from _turns_of_part({"content_type": "image_asset_pointer", **pointer}, None, role)


def _attachments(content: Json, author: Json, metadata: Json) -> Iterator[Turn]:
    """Files that a message came with, but for those that it shows as well."""
    parts = content.get("parts") or ()
    shown = "\n".join(str(part.get("asset_pointer")) for part in parts if isinstance(part, dict))
    for each in metadata.get("attachments") or ():
        where = told(each.get("id")) or told(each.get("file_id")) or told(each.get("name"))
        if where and where not in shown:
            media_type = each.get("mime_type") or each.get("mimeType")
            yield linked_media(author["role"], where, media_type, kind_of_media(media_type))


READER = Reader("chatgpt-export", "ChatGPT data export", recognises, read)
