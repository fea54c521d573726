"""Audits a ledger with nothing but Python and ``cryptography``: python audit_by_hand.py LEDGER VKEY-FILE.

It shares no line with Troth. It keeps all hashes in memory, and checks neither witnesses nor older checkpoints.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def signed_text(note: bytes, vkey: str) -> str:
    """The text of a note, once the key of the vkey has signed it (C2SP signed-note)."""
    name, key_id, key = vkey.split("+", 2)
    public = base64.b64decode(key, validate=True)
    own_id = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
    if own_id.hex() != key_id or public[0] != 1:
        sys.exit("this is not the vkey of an Ed25519 key")
    text, _, lines = note.decode().rpartition("\n\n")
    for line in lines.splitlines():
        dash, signer, signature = line.split(" ")
        data = base64.b64decode(signature, validate=True)
        if (dash, signer, data[:4]) == ("—", name, own_id):
            Ed25519PublicKey.from_public_bytes(public[1:]).verify(data[4:], f"{text}\n".encode())
            return text
    sys.exit("the key did not sign this")


def name_of(index: int, width: int) -> str:
    """The end of the name of a tile or bundle (C2SP tlog-tiles)."""
    name = f"{index % 1000:03}"
    while index := index // 1000:
        name = f"x{index % 1000:03}/{name}"
    return name if width == 256 else f"{name}.p/{width}"


def root_of(hashes: list[bytes]) -> bytes:
    """RFC 6962, section 2.1."""
    if not hashes:
        return hashlib.sha256().digest()
    while len(hashes) > 1:
        pairs = [
            hashlib.sha256(b"\1" + b"".join(hashes[at : at + 2])).digest()
            for at in range(0, len(hashes) - 1, 2)
        ]
        hashes = pairs + hashes[len(hashes) & ~1 :]
    return hashes[0]


def leaves_of(ledger: Path, size: int) -> list[bytes]:
    """The leaf hash of each entry; the tile beside each bundle has to hold the same."""
    leaves, last = [], ""
    for start in range(0, size, 256):
        name = name_of(start // 256, min(256, size - start))
        bundle = (ledger / "tile/entries" / name).read_bytes()
        hashes = []
        while bundle:
            end = 2 + int.from_bytes(bundle[:2], "big")
            entry, bundle = bundle[2:end], bundle[end:]
            hashes.append(hashlib.sha256(b"\0" + entry).digest())
            at = json.loads(entry)["at"].rstrip("Z")
            if at < last:
                sys.exit(f"entry {start + len(hashes) - 1} was logged before the one before it")
            last = at
        if b"".join(hashes) != (ledger / "tile/0" / name).read_bytes():
            sys.exit(f"the tile {name} does not hold what its entries hash to")
        leaves += hashes
    return leaves


ledger, vkey = Path(sys.argv[1]), Path(sys.argv[2]).read_text().splitlines()[0]
origin, size, root = signed_text((ledger / "checkpoint").read_bytes(), vkey).split("\n")[:3]
leaves = leaves_of(ledger, int(size))
if len(leaves) != int(size) or base64.b64encode(root_of(leaves)).decode() != root:
    sys.exit("the entries do not hash to the root of the checkpoint")
for path in sorted((ledger / "checkpoints").rglob("*")):
    if path.is_file():
        _, older, old_root = signed_text(path.read_bytes(), vkey).split("\n")[:3]
        if base64.b64encode(root_of(leaves[: int(older)])).decode() != old_root:
            sys.exit(f"{path} is not of this tree")
print(f"{origin}: {size} entries, root {root}, signed by {vkey.split('+')[0]}")  # noqa: T201
