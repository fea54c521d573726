"""The TypeScript client: a module that runs as it is, and its types."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from document import Operation, forms, operations

_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
_MADE = "// Made from the OpenAPI document by clients/generator, not by hand.\n"
_HEAD_JS = (
    _MADE
    + """
/** What the service refuses (RFC 9457). */
export class TrothProblem extends Error {
  constructor(told) {
    super([told.title, told.detail, told.remedy].filter(Boolean).join(" — "));
    this.name = "TrothProblem";
    this.problem = told;
    this.status = told.status;
  }
}

/** The service at an address, called with a key or with a token of a person. */
export class Troth {
  #address; #credentials; #fetch; #pause;

  constructor({ address, credentials, fetch = globalThis.fetch,
    pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000)) }) {
    this.#address = address.replace(/\\/+$/, "");
    this.#credentials = credentials;
    this.#fetch = fetch;
    this.#pause = pause;
  }

  /* A request that got no answer is sent again under its key: it counts once. */
  async #send(method, path, query, body, once, text = false) {
    const headers = { Accept: "application/json", Authorization: `Bearer ${await this.#bearer()}` };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (once !== undefined) headers["Idempotency-Key"] = once;
    const told = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== undefined && value !== null));
    const address = `${this.#address}${path}${told.size ? `?${told}` : ""}`;
    const request = { method, headers, body: body === undefined ? undefined : JSON.stringify(body) };
    for (let tried = 1; ; tried += 1) {
      let answer;
      try {
        answer = await this.#fetch.call(globalThis, address, request);
      } catch (problem) {
        if (tried === 3) throw problem;
        await this.#pause(tried / 4);
        continue;
      }
      if (answer.ok) return text ? answer.text() : answer.json();
      const problem = await answer.json()
        .catch(() => ({ type: "about:blank", title: answer.statusText, status: answer.status }));
      if (![429, 503].includes(answer.status) || tried === 3) throw new TrothProblem(problem);
      await this.#pause(Math.min(Number(answer.headers.get("Retry-After")) || tried / 4, 10));
    }
  }

  async #bearer() { return typeof this.#credentials === "function" ? this.#credentials() : this.#credentials; }
"""
)
_HEAD_TS = (
    _MADE
    + """
/** What the service refuses (RFC 9457). */
export class TrothProblem extends Error {
  readonly status: number;
  readonly problem: Problem;
}

export interface Settings {
  /** Where the service is. */
  address: string;
  /** A key, a token of a person, or what gives one for each request. */
  credentials: string | (() => string | Promise<string>);
  fetch?: typeof fetch;
  /** Waits so many seconds before a request is sent again. */
  pause?: (seconds: number) => Promise<void>;
}

export interface Once {
  /** The Idempotency-Key; without one each call has its own. */
  once?: string;
}

/** The service at an address, called with a key or with a token of a person. */
export class Troth {
  constructor(settings: Settings);
"""
)


def module(document: Mapping[str, Any]) -> str:
    """``index.js``."""
    return _HEAD_JS + "".join(_method(one) for one in operations(document)) + "}\n"


def types(document: Mapping[str, Any]) -> str:
    """``index.d.ts``."""
    methods = "".join(_declared(one) for one in operations(document))
    return _HEAD_TS + methods + "}\n" + "".join(_form(name, told) for name, told in forms(document))


def _name(one: Operation) -> str:
    first, _, second = one.name.partition(".")
    return first + second.title()


def _method(one: Operation) -> str:
    places = [place.name for place in one.places]
    taken = [*places, *(["body"] if one.body is not None else []), *(["asked = {}"] if one.query else [])]
    taken += ["{ once = crypto.randomUUID() } = {}"] if one.keyed else []
    path = one.path
    for name in places:
        path = path.replace(f"{{{name}}}", f"${{encodeURIComponent({name})}}")
    query = (
        "{ " + ", ".join(f"{told.name}: asked.{told.name}" for told in one.query) + " }"
        if one.query
        else "{}"
    )
    sent = [f'"{one.method}"', f"`{path}`", query, "body" if one.body is not None else "undefined",
            "once" if one.keyed else "undefined", *(["true"] if one.gives is None else [])]  # fmt: skip
    return f"\n  /** {one.summary}. */\n  {_name(one)}({', '.join(taken)}) {{ return this.#send({', '.join(sent)}); }}\n"


def _declared(one: Operation) -> str:
    taken = [f"{place.name}: string" for place in one.places]
    if one.body is not None:
        taken.append(f"body: {_kind(one.body)}")
    if one.query:
        needed = any(told.required for told in one.query)
        fields = "; ".join(f"{t.name}{'' if t.required else '?'}: {_kind(t.schema)}" for t in one.query)
        taken.append(f"asked{'' if needed else '?'}: {{ {fields} }}")
    if one.keyed:
        taken.append("once?: Once")
    gives = "string" if one.gives is None else _kind(one.gives)
    return f"\n  /** {one.summary}. */\n  {_name(one)}({', '.join(taken)}): Promise<{gives}>;\n"


def _form(name: str, schema: Mapping[str, Any]) -> str:
    needed = schema.get("required", ())
    fields = "".join(
        f"  {field}{'' if field in needed else '?'}: {_kind(told)};\n"
        for field, told in schema["properties"].items()
    )
    return f"\n/** {schema.get('description', name)} */\nexport interface {name} {{\n{fields}}}\n"


def _kind(told: Mapping[str, Any]) -> str:
    if "$ref" in told:
        return str(told["$ref"]).rpartition("/")[2]
    if "anyOf" in told:
        return " | ".join(_kind(one) for one in told["anyOf"])
    if "enum" in told:
        return " | ".join(json.dumps(one) for one in told["enum"])
    if told.get("type") == "array":
        inner = _kind(told["items"])
        return f"({inner})[]" if " " in inner else f"{inner}[]"
    if told.get("type") == "object":
        values = told.get("additionalProperties")
        return f"Record<string, {_kind(values) if isinstance(values, Mapping) else 'unknown'}>"
    return _PLAIN.get(told.get("type", ""), "unknown")
