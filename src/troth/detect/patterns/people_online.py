"""Where a person is on the web and on a machine: web addresses with credentials or of a person, login names, handles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from troth.detect.finding import Finding
from troth.detect.patterns.around import in_prose, words
from troth.detect.patterns.forms import found
from troth.detect.patterns.recogniser import Recogniser

if TYPE_CHECKING:
    from troth.detect.text.view import View

_URL = re.compile(r"(?:https?|ftp|sftp|ssh)://[^\s<>\"'`|\\^{}\u3000-\u303f]{3,512}", re.IGNORECASE)
_CREDENTIALS = re.compile(r"[a-z]+://[^\s/@:]{1,128}:(?P<word>[^\s/@]{1,128})@", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"[$<{%*x.]|pass(?:word)?\b|pw\b|pwd\b|secret\b|user\b", re.IGNORECASE)
_PERSON = re.compile(
    r"://(?:[\w\-]+\.)*(?:"
    r"linkedin\.com/(?:in|pub)/|facebook\.com/(?!sharer|dialog|tr\b|groups|pages|help|login|policies)[\w.\-]{3,}/?(?:$|[?#])"
    r"|(?:twitter|x|instagram|tiktok|github|gitlab|medium|threads|vk|t|soundcloud|pinterest|flickr|twitch)"
    r"\.(?:com|net|me|tv)/(?!(?:home|about|login|search|explore|i|intent|share|features|settings|pricing|topics)\b)@?[\w.\-]{2,40}/?(?:$|[?#])"
    r"|(?:reddit|stackoverflow|news\.ycombinator|keybase|last)\.\w{2,3}/(?:u|user|users)[/?]"
    r"|[^\s]{1,200}/~[A-Za-z]\w|[^/\s]+/(?:users?|people|profiles?|members?|~|@)/?[\w.\-]{2,}"
    r"|[^\s]{1,400}[?&](?:e?mail|user(?:name)?|login|phone|ssn|name|firstname|lastname)=[^&\s]{2,}"
    r")",
    re.IGNORECASE,
)
_SAID_SITE = words(
    "web ?sites?", "web ?site is", "home ?page", "my site", "blog", "portfolio", "my profile",
    "profile", "shared (?:files|a file|photos)",
    "photos?", "pictures?", "album", "my page", "my channel", "webseite", "página web",
    "sitio web", "site web", "sito", "my link", "linktree",
)  # fmt: skip
_SITE_IS = re.compile(
    r"(?:is|:|at|here|with you|on|->|-|ist|es|est)?[ \n\t:]{0,6}\Z|\b(?:photo|picture|album|photos)[ \n:]{1,3}\Z",
    re.IGNORECASE,
)
_HOME_PAGE = re.compile(r"https?://(?![^/\s]*\bexample\.|localhost|127\.)[^/\s]+/?", re.IGNORECASE)

_HOME = re.compile(
    r"(?:/home/|/Users/|/var/mail/|/export/home/|\b[A-Za-z]:(?:\\{1,2}|/)(?:Users|Documents and Settings)"
    r"(?:\\{1,2}|/))(?P<it>[A-Za-z\u00c0-\u024f][\w.\-]{0,31}?)(?=[/\\\s:\"'`,;)\]>]|\.?$|$)",
    re.IGNORECASE,
)
_NOBODY = frozenset(
    [
        "user", "users", "username", "user_name", "root", "runner", "ubuntu", "vagrant", "public",
        "default", "shared", "name",
        "me", "you", "your", "yourname", "your_name", "your-name", "yourusername",
        "your_username", "app", "apps", "node", "ec2-user", "admin", "jovyan", "codespace", "vscode",
        "circleci", "travis", "git", "www", "www-data", "web", "test", "tests", "tester", "guest",
        "administrator", "example", "foo", "bar", "baz", "swe-bench", "ci", "build", "builder",
        "docker", "deploy", "pi", "kali", "debian", "centos", "fedora", "postgres", "mysql",
        "oracle", "hadoop", "spark", "airflow",
        "linuxbrew", "work", "workspace", "project", "projects", "repo", "data", "all users",
        "someuser", "some_user", "dev", "developer",
        "nobody", "home", "page", "index", "server", "service", "system", "local", "anaconda",
        "conda", "sandbox", "colab", "site",
    ]
)  # fmt: skip
"""Login names that name no person."""

_HANDLE = re.compile(
    r"(?<![\w@.+/\-`:=\"'#$<\\])@(?:[A-Za-z_][A-Za-z0-9_]{1,30})(?![\w@(=/]|\.\w|-\w)", re.ASCII
)
_DECORATORS = frozenset(
    [
        "property", "staticmethod", "classmethod", "override", "overload", "dataclass",
        "abstractmethod", "param", "params", "return", "returns", "throws",
        "see", "since", "deprecated", "author", "version", "test", "before", "after", "autowired",
        "bean", "component", "service", "inject", "injectable", "entity", "table",
        "media", "import", "keyframes", "charset", "supports", "layer", "include", "mixin",
        "extend", "apply", "tailwind", "use", "forward", "pytest", "app", "router", "types",
        "todo", "brief", "note", "link", "code", "inheritdoc", "nullable", "notnull",
        "suppresswarnings", "functionalinterface", "interface", "end", "class", "protocol",
        "all", "everyone", "here", "channel", "username", "user", "handle", "mention", "home",
        "work", "example", "type", "typedef", "private", "public", "cached", "cache", "if", "else", "for",
    ]
)  # fmt: skip
_SAID_LOGIN = re.compile(
    r"\b(?:user ?name|user ?id|login(?: name)?|screen ?name|handle|gamer ?tag|nick(?:name)?|benutzername"
    r"|usuario|nom d'utilisateur|gebruikersnaam|nome utente"
    r"|(?:snapchat|instagram|insta|discord|telegram|twitter|skype|kik|steam|psn|github|reddit)(?: (?:id|name"
    r"|user(?:name)?|handle))?)"
    r"[\"']?[ ]?(?:is|ist|es|est|:|=|->|è)[ ]{0,2}[\"'`]?(?P<it>@?[A-Za-z0-9][\w.\-]{2,31})(?<![.\-])(?![\w@(\[/\\])",
    re.IGNORECASE,
)


def _url(view: View, place: int) -> Iterator[Finding]:
    text = view.folded
    begin = text.rfind("://", max(0, place - 8), place)
    match = _URL.search(text, max(0, begin - 5), place + 520) if begin >= 0 else None
    if not match or match.start() >= place:
        return
    end = match.start() + len(_trimmed(match.group()))
    why = _why_of(view, text[match.start() : end], match.start())
    if why:
        yield found(match.start(), end, why)


def _trimmed(url: str) -> str:
    """Without what belongs to the sentence: punctuation, and brackets that were opened before."""
    url = url.rstrip(".,;:!?*_")
    for _ in range(8):
        if not url.endswith((")", "]")) or url.count(url[-1]) <= url.count("(["[url[-1] == "]"]):
            break
        url = url[:-1].rstrip(".,;:!?*_")
    return url


def _why_of(view: View, url: str, start: int) -> str:
    """Which form of a person's web address it is; empty if of none."""
    credentials = _CREDENTIALS.match(url)
    if credentials and not _PLACEHOLDER.match(credentials["word"]):
        return "url/credentials"
    if _PERSON.match(url, url.index("://")):
        return "url/person"
    before = view.folded[max(0, start - 40) : start]
    if (
        _HOME_PAGE.fullmatch(url)
        and _SITE_IS.search(before)
        and _SAID_SITE.search(before)
        and in_prose(view, max(0, start - len(before)))
    ):
        return "url/context"
    return ""


def _home(view: View, place: int) -> Iterator[Finding]:
    for match in _HOME.finditer(view.folded, max(0, place - 32), place + 40):
        if match.start() >= place:
            return
        name = match["it"].lower()
        if (
            match.end("it") >= place
            and name not in _NOBODY
            and not name.startswith(("user", "your", "my", "test"))
        ):
            yield found(*match.span("it"), "path/home")


def _handle(view: View, place: int) -> Iterator[Finding]:
    match = _HANDLE.match(view.folded, place - 2, place + 40)
    if not match or match.group()[1:].lower() in _DECORATORS or not in_prose(view, match.start()):
        return
    if view.program.at(match.start()) == "talk":
        yield found(*match.span(), "username/handle")


def _login(view: View, place: int) -> Iterator[Finding]:
    text = view.folded
    for match in _SAID_LOGIN.finditer(text, max(0, place - 40), place + 40):
        if match.start() >= place:
            return
        name = match["it"].lower()
        if (
            match.end() >= place
            and (any(c.isdigit() for c in name) or "_" in name or name[0] == "@")
            and name not in _NOBODY
        ):
            yield found(*match.span("it"), "username/context")


URL = Recogniser("url", ("URL",), (r"(?i)(?:http|https|ftp|sftp|ssh)://[\w\x80-\xf4]",), _url)
PATH = Recogniser(
    "path",
    ("PATH",),
    (r"(?i)(?:/home/|[/\\]users[/\\]{1,2}|[/\\]documents and settings[/\\]{1,2})[A-Za-z\x80-\xf4]",),
    _home,
)
HANDLE = Recogniser("handle", ("USERNAME",), (r"[ \n(,.;!?]@[A-Za-z_]",), _handle)
LOGIN = Recogniser(
    "login",
    ("USERNAME",),
    (
        r"(?i)(?:user ?name|screen ?name|user ?id|login|gamer ?tag|nickname|benutzername|usuario"
        r"|gebruikersnaam|snapchat|instagram|insta"
        r"|discord|telegram|twitter|skype|handle|github|reddit|kik|steam|psn)[\"']? ?(?:is|ist|es|est|:"
        r"|=) {0,2}[\"'`]?[@\w]",
    ),
    _login,
)
