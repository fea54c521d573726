"""A load on a running service: so many clients that each keep a connection and wait for every answer.

    python bench/service_load.py ADDRESS KEY first-question|question|choices CLIENTS SECONDS ACCOUNTS

`first-question` asks about each account once and ends; the service then knows them, and `question` asks again.
Prints one JSON object: answers a second, latencies in milliseconds, answers that were no success, and the processor
time that the load itself took, as a share of one core.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
import uuid
from collections.abc import Iterator
from itertools import count
from urllib.parse import urlsplit


def requests(kind: str, key: str, accounts: int) -> Iterator[bytes]:
    """One request after the other, for one account after the other."""
    head = f"Host: bench\r\nAuthorization: Bearer {key}\r\n"
    for number in range(accounts) if kind == "first-question" else count():
        account = f"person-{number * 7919 % accounts}"
        if kind != "choices":
            yield f"GET /v1/question?account={account} HTTP/1.1\r\n{head}\r\n".encode()
            continue
        value = "granted" if number % 2 else "refused"
        body = json.dumps({"choice": "improve_models", "value": value, "account": account}).encode()
        more = f"Content-Type: application/json\r\nIdempotency-Key: {uuid.uuid4()}\r\nContent-Length: {len(body)}\r\n\r\n"
        yield f"POST /v1/choices HTTP/1.1\r\n{head}{more}".encode() + body


async def client(
    place: tuple[str, int], sent: Iterator[bytes], until: float, times: list[float], bad: list[bytes]
) -> None:
    reader, writer = await asyncio.open_connection(*place)
    for request in sent:
        if time.perf_counter() >= until:
            break
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next(int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length"))
        await reader.readexactly(length)
        times.append(time.perf_counter() - began)
        if head[9:10] != b"2":
            bad.append(head[9:12])
    writer.close()


async def main(address: str, key: str, kind: str, clients: int, seconds: float, accounts: int) -> None:
    parts = urlsplit(address)
    place = (parts.hostname or "", parts.port or 0)
    sent, times, bad = requests(kind, key, accounts), [], []
    began = time.perf_counter()
    await asyncio.gather(*(client(place, sent, began + seconds, times, bad) for _ in range(clients)))
    passed = time.perf_counter() - began
    times.sort()
    used = resource.getrusage(resource.RUSAGE_SELF)
    told = {name: times[min(int(len(times) * share), len(times) - 1)] * 1e3 for name, share in SHARES.items()}
    own = (used.ru_utime + used.ru_stime) / passed
    print(json.dumps({"rate": len(times) / passed, "bad": len(bad), "load": own, **told}))


SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}

if __name__ == "__main__":
    asyncio.run(
        main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5]), int(sys.argv[6]))
    )
