// Made from the OpenAPI document by clients/generator, not by hand.

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
    this.#address = address.replace(/\/+$/, "");
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

  /** The question to show a person now. */
  questionShow(asked = {}) { return this.#send("GET", `/v1/question`, { account: asked.account, locale: asked.locale }, undefined, undefined); }

  /** Whether a person may go on. */
  continueMay(asked = {}) { return this.#send("GET", `/v1/continue`, { account: asked.account, locale: asked.locale }, undefined, undefined); }

  /** Record a choice. */
  choicesMake(body, { once = crypto.randomUUID() } = {}) { return this.#send("POST", `/v1/choices`, {}, body, once); }

  /** How choices stand. */
  choicesStanding(asked = {}) { return this.#send("GET", `/v1/choices`, { account: asked.account }, undefined, undefined); }

  /** The history of choices. */
  choicesHistory(asked = {}) { return this.#send("GET", `/v1/choices/history`, { account: asked.account, limit: asked.limit, cursor: asked.cursor }, undefined, undefined); }

  /** The terms that are served. */
  termsList() { return this.#send("GET", `/v1/terms`, {}, undefined, undefined); }

  /** One version of the terms. */
  termsShow(version) { return this.#send("GET", `/v1/terms/${encodeURIComponent(version)}`, {}, undefined, undefined); }

  /** Notices by version and locale. */
  noticesList(asked = {}) { return this.#send("GET", `/v1/notices`, { version: asked.version, locale: asked.locale }, undefined, undefined); }

  /** One notice. */
  noticesShow(digest) { return this.#send("GET", `/v1/notices/${encodeURIComponent(digest)}`, {}, undefined, undefined); }

  /** Acknowledge terms. */
  termsAcknowledge(body, { once = crypto.randomUUID() } = {}) { return this.#send("POST", `/v1/acknowledgements`, {}, body, once); }

  /** Record what happened. */
  eventsRecord(body, { once = crypto.randomUUID() } = {}) { return this.#send("POST", `/v1/events`, {}, body, once); }

  /** Decide one record. */
  decisionsOne(body, { once = crypto.randomUUID() } = {}) { return this.#send("POST", `/v1/decisions`, {}, body, once); }

  /** Decide many records. */
  decisionsMany(body, { once = crypto.randomUUID() } = {}) { return this.#send("POST", `/v1/decisions/batch`, {}, body, once); }

  /** A person's conversations, and whether each is in reach. */
  conversationsList(asked = {}) { return this.#send("GET", `/v1/conversations`, { account: asked.account, purpose: asked.purpose, limit: asked.limit, cursor: asked.cursor }, undefined, undefined); }

  /** Delete a conversation. */
  conversationsDelete(conversation, asked = {}, { once = crypto.randomUUID() } = {}) { return this.#send("DELETE", `/v1/conversations/${encodeURIComponent(conversation)}`, { account: asked.account }, undefined, once); }

  /** What somebody's words were used for. */
  usesShow(asked = {}) { return this.#send("GET", `/v1/uses`, { account: asked.account, conversation: asked.conversation }, undefined, undefined); }

  /** A receipt. */
  receiptsShow(asked = {}) { return this.#send("GET", `/v1/receipts`, { account: asked.account, conversation: asked.conversation, lineage: asked.lineage }, undefined, undefined, true); }

  /** Take a person's request in. */
  requestsMake(body, { once = crypto.randomUUID() } = {}) { return this.#send("POST", `/v1/requests`, {}, body, once); }

  /** Requests and when they are due. */
  requestsList(asked = {}) { return this.#send("GET", `/v1/requests`, { account: asked.account, state: asked.state, limit: asked.limit, cursor: asked.cursor }, undefined, undefined); }

  /** Close a request. */
  requestsClose(request, body, { once = crypto.randomUUID() } = {}) { return this.#send("POST", `/v1/requests/${encodeURIComponent(request)}/close`, {}, body, once); }

  /** Export what is held of a person. */
  exportsMake(body, { once = crypto.randomUUID() } = {}) { return this.#send("POST", `/v1/exports`, {}, body, once); }

  /** Erase. */
  erasuresMake(body, { once = crypto.randomUUID() } = {}) { return this.#send("POST", `/v1/erasures`, {}, body, once); }

  /** Build a release. */
  buildsMake(body, { once = crypto.randomUUID() } = {}) { return this.#send("POST", `/v1/builds`, {}, body, once); }

  /** Simulate a change of the terms. */
  simulationsMake(body, { once = crypto.randomUUID() } = {}) { return this.#send("POST", `/v1/simulations`, {}, body, once); }

  /** Verify a release. */
  verificationsMake(body, { once = crypto.randomUUID() } = {}) { return this.#send("POST", `/v1/verifications`, {}, body, once); }

  /** A job. */
  jobsShow(job) { return this.#send("GET", `/v1/jobs/${encodeURIComponent(job)}`, {}, undefined, undefined); }

  /** The result of a job. */
  jobsResult(job) { return this.#send("GET", `/v1/jobs/${encodeURIComponent(job)}/result`, {}, undefined, undefined); }

  /** Legal holds. */
  holdsList(asked = {}) { return this.#send("GET", `/v1/holds`, { limit: asked.limit, cursor: asked.cursor }, undefined, undefined); }

  /** Place a hold. */
  holdsPlace(body, { once = crypto.randomUUID() } = {}) { return this.#send("POST", `/v1/holds`, {}, body, once); }

  /** Release a hold. */
  holdsRelease(hold, { once = crypto.randomUUID() } = {}) { return this.#send("DELETE", `/v1/holds/${encodeURIComponent(hold)}`, {}, undefined, once); }

  /** Webhooks. */
  webhooksList() { return this.#send("GET", `/v1/webhooks`, {}, undefined, undefined); }

  /** Add a webhook. */
  webhooksMake(body, { once = crypto.randomUUID() } = {}) { return this.#send("POST", `/v1/webhooks`, {}, body, once); }

  /** End a webhook. */
  webhooksEnd(webhook, { once = crypto.randomUUID() } = {}) { return this.#send("DELETE", `/v1/webhooks/${encodeURIComponent(webhook)}`, {}, undefined, once); }

  /** What was sent to a webhook. */
  deliveriesList(webhook, asked = {}) { return this.#send("GET", `/v1/webhooks/${encodeURIComponent(webhook)}/deliveries`, { limit: asked.limit, cursor: asked.cursor }, undefined, undefined); }

  /** Send an event again. */
  deliveriesReplay(delivery, { once = crypto.randomUUID() } = {}) { return this.#send("POST", `/v1/deliveries/${encodeURIComponent(delivery)}/replay`, {}, undefined, once); }

  /** The keys of the service. */
  keysList() { return this.#send("GET", `/v1/keys`, {}, undefined, undefined); }

  /** Revoke a key. */
  keysRevoke(key, { once = crypto.randomUUID() } = {}) { return this.#send("DELETE", `/v1/keys/${encodeURIComponent(key)}`, {}, undefined, once); }

  /** What operators did. */
  actsList(asked = {}) { return this.#send("GET", `/v1/acts`, { limit: asked.limit, cursor: asked.cursor }, undefined, undefined); }
}
