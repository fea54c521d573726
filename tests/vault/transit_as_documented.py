"""The documented HTTP interface of the transit engine on loopback: no Vault and no OpenBao, and no proof that these agree.

It answers as developer.hashicorp.com/vault/api-docs/secret/transit and openbao.org/api-docs/secret/transit say, for one
token, and keeps its keys in memory. Run as a script it prints its port and serves until its input ends.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOKEN = "s.documented"


class NamedKey:
    def __init__(self, form: dict[str, Any]) -> None:
        self.versions = {1: AESGCM.generate_key(256)}
        self.latest = 1
        self.min_decryption, self.min_encryption, self.min_available = 1, 0, 0
        self.exportable = bool(form.get("exportable"))
        self.plaintext_backup = bool(form.get("allow_plaintext_backup"))
        self.type = form.get("type", "aes256-gcm96")

    def told(self) -> dict[str, Any]:
        return {
            "type": self.type, "derived": False, "deletion_allowed": False, "exportable": self.exportable,
            "allow_plaintext_backup": self.plaintext_backup,
            "keys": {str(number): 1442851412 for number in self.versions if number >= self.min_decryption},
            "min_available_version": self.min_available, "min_decryption_version": self.min_decryption,
            "min_encryption_version": self.min_encryption, "latest_version": self.latest, "name": "told",
            "supports_encryption": True, "supports_decryption": True, "supports_derivation": True,
            "supports_signing": False, "imported_key": False,
        }  # fmt: skip

    def encrypt(self, plaintext: bytes) -> str:
        nonce = os.urandom(12)
        sealed = nonce + AESGCM(self.versions[self.latest]).encrypt(nonce, plaintext, None)
        return f"vault:v{self.latest}:{base64.b64encode(sealed).decode()}"

    def decrypt(self, ciphertext: str) -> bytes:
        _, version, text = ciphertext.split(":")
        number = int(version.removeprefix("v"))
        if number < self.min_decryption:
            raise ValueError("ciphertext or signature version is disallowed by policy (too old)")
        sealed = base64.b64decode(text)
        try:
            return AESGCM(self.versions[number]).decrypt(sealed[:12], sealed[12:], None)
        except (InvalidTag, KeyError):
            raise ValueError("invalid ciphertext: unable to decrypt") from None

    def configure(self, form: dict[str, Any]) -> None:
        decryption = form.get("min_decryption_version", self.min_decryption)
        encryption = form.get("min_encryption_version", self.min_encryption)
        if max(decryption, encryption) > self.latest:
            raise ValueError(f"cannot set min decryption version, latest key version is {self.latest}")
        if 0 < encryption < decryption:
            raise ValueError("min encryption version must be greater than or equal to min decryption version")
        self.min_decryption, self.min_encryption = decryption, encryption

    def trim(self, least: int) -> None:
        if least < self.min_available:
            raise ValueError("minimum available version cannot be decremented")
        if not self.min_encryption or least > self.min_encryption or least > self.min_decryption:
            raise ValueError("minimum available version cannot be greater than minimum decryption version")
        self.min_available = least
        self.versions = {number: key for number, key in self.versions.items() if number >= least}


class DocumentedInterface(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.keys: dict[str, NamedKey] = {}
        self.turn = threading.Lock()

    def answer(self, method: str, path: str, form: dict[str, Any]) -> tuple[int, dict[str, Any] | None]:
        parts = path.removeprefix("/v1/transit/").split("/")
        what, name = (parts[0], parts[1]) if len(parts) > 1 else ("", "")
        if parts == ["keys", name]:
            if method == "POST":
                self.keys.setdefault(name, NamedKey(form))
                return 204, None
            return (200, {"data": self.keys[name].told()}) if name in self.keys else (404, {"errors": []})
        if name not in self.keys:
            return 400, {"errors": ["encryption key not found"]}
        data = self.do(self.keys[name], what, parts[2:], form)
        return (200, {"data": data}) if data else (204, None)

    def do(self, key: NamedKey, what: str, rest: list[str], form: dict[str, Any]) -> dict[str, str]:
        match what, rest:
            case "keys", ["rotate"]:
                key.latest += 1
                key.versions[key.latest] = AESGCM.generate_key(256)
            case "keys", ["config"]:
                key.configure(form)
            case "keys", ["trim"]:
                key.trim(form["min_available_version"])
            case "encrypt", []:
                return {"ciphertext": key.encrypt(base64.b64decode(form["plaintext"]))}
            case "decrypt", []:
                return {"plaintext": base64.b64encode(key.decrypt(form["ciphertext"])).decode()}
            case "rewrap", []:
                return {"ciphertext": key.encrypt(key.decrypt(form["ciphertext"]))}
            case _:
                raise ValueError("unsupported path")
        return {}


class _Handler(BaseHTTPRequestHandler):
    server: DocumentedInterface

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}"))

    def _answer(self, form: dict[str, Any]) -> None:
        if self.headers.get("X-Vault-Token") != TOKEN:
            status, told = 403, {"errors": ["permission denied"]}
        else:
            try:
                with self.server.turn:
                    status, told = self.server.answer(self.command, self.path, form)
            except ValueError as problem:
                status, told = 400, {"errors": [str(problem)]}
        body = b"" if told is None else json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def main() -> None:
    server = DocumentedInterface()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
