"""A browser for the tests: it keeps cookies whatever they are marked as, and follows nothing by itself."""

from __future__ import annotations

import html
import re
from http.cookies import SimpleCookie
from urllib.parse import urljoin, urlsplit

import httpx


class Browser:
    def __init__(self) -> None:
        self.cookies: dict[str, dict[str, str]] = {}
        self.marks: dict[str, str] = {}
        self.address = ""

    def get(self, address: str, **headers: str) -> httpx.Response:
        return self._send("GET", address, None, headers)

    def post(self, address: str, form: dict[str, str], **headers: str) -> httpx.Response:
        return self._send("POST", address, form, headers)

    def follow(self, answer: httpx.Response) -> httpx.Response:
        """Follow redirects as long as they stay at one place."""
        while answer.status_code in (302, 303) and _place(self._next(answer)) == _place(self.address):
            answer = self.get(self._next(answer))
        return answer

    def submit(self, answer: httpx.Response, **fields: str) -> httpx.Response:
        """Send the form of a page."""
        action = re.search(r'<form[^>]*action="([^"]*)"', answer.text)
        assert action is not None, answer.text
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text))
        return self.post(urljoin(self.address, html.unescape(action[1])), {**hidden, **fields})

    def _next(self, answer: httpx.Response) -> str:
        return urljoin(self.address, answer.headers["location"])

    def _send(
        self, method: str, address: str, form: dict[str, str] | None, headers: dict[str, str]
    ) -> httpx.Response:
        self.address = address
        kept = self.cookies.setdefault(_place(address), {})
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if kept:
            named["Cookie"] = "; ".join(f"{name}={value}" for name, value in kept.items())
        answer = httpx.request(method, address, data=form, headers=named, timeout=30)
        for line in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.marks[name] = line
                if morsel["max-age"] == "0" or not morsel.value:
                    kept.pop(name, None)
                else:
                    kept[name] = morsel.value
        return answer


def _place(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
