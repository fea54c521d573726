/* <troth-ask>: the question whether one's words may train a model, asked fairly. It has no dependency.
 *
 *   <troth-ask src="https://privacy.example.org" locale="en"></troth-ask>
 *   document.querySelector("troth-ask").token = "…";   // a short-lived token of the signed-in person
 *
 * Events: troth-choice {value, id}, troth-none {reason}, troth-refused {reason}, troth-failed {status}. They bubble.
 * Both buttons are one rule of style, and are measured after they are drawn: where they differ, nothing is asked.
 */
"use strict";
(() => {
  const SECTIONS = [
    ["what_heading", ["what"]],
    ["from_heading", ["from_when"]],
    ["kept_heading", ["kept_yes", "kept_no", "kept_longer"]],
    ["deletion_heading", ["deletion"]],
    ["trained_heading", ["trained"]],
    ["not_covered_heading", ["not_covered"]],
    ["settings_heading", ["settings"]],
  ];
  const CSS = `
    :host { all: initial; }
    * { box-sizing: border-box; font: inherit; color: inherit; margin: 0; }
    /* What a page says of the element is inherited up to here. */
    dialog { all: initial; box-sizing: border-box; position: fixed; inset: 0; height: fit-content; margin: auto; padding: 0;
      width: min(40em, 100vw); max-width: 100vw; max-height: 100dvh;
      border: 1px solid var(--edge); border-radius: .75em; background: var(--background); color: var(--text); font-family: var(--font);
      font-size: var(--size); line-height: 1.5; overflow: auto; overflow-wrap: anywhere; }
    dialog::backdrop { background: rgb(0 0 0 / 55%); }
    dialog:not([open]) { display: none; }
    dialog[open] { display: block; }
    .all { display: grid; grid-template-rows: auto minmax(0, 1fr) auto; max-height: calc(100dvh - 2px); }
    header, footer, .says { padding: 1em 1.25em; }
    .says { overflow: auto; border-block: 1px solid var(--edge); }
    h2 { font-size: 1.3em; font-weight: 700; line-height: 1.3; outline: none; }
    h3 { font-weight: 700; margin-block-start: .75em; }
    h3:first-child { margin-block-start: 0; }
    header p { margin-block-start: .5em; }
    .answers { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13em), 1fr)); grid-auto-rows: 1fr;
      gap: .75em; }
    button { min-height: 48px; padding: .6em 1em; cursor: pointer; text-align: center; border-radius: var(--radius); }
    .answer, .close { background: var(--button); color: var(--button-text); border: 2px solid var(--button); font-weight: 600; }
    .close { width: 100%; margin-block-start: .75em; }
    .later { display: block; width: 100%; margin-block-start: .75em; background: none; color: var(--text);
      border: 2px solid var(--edge); }
    button:focus-visible, .says:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
    .says:focus-visible { outline-offset: -3px; }
    button[aria-disabled="true"] { cursor: progress; }
    [role="alert"]:not(:empty), [role="status"]:not(:empty) { margin-block-end: .75em; font-weight: 600; }
    @media (max-height: 30em) { .all { display: block; max-height: none; } .says { overflow: visible; } }
    @media (forced-colors: active) { button { border: 2px solid ButtonText; } }`;
  const HEX = /^#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?$/;
  const FONT = /^[\p{L}\p{N} ,'-]+$/u;
  const LOOK = ["text", "background", "button_text", "button", "edge", "focus"];

  const element = (name, text, attributes = {}) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };

  /* Values of a style that are not what a style holds end it: nothing else of a page gets in. */
  const sheet = (style) => {
    const look = (told) => LOOK.map((key) => {
      if (!HEX.test(told[key])) throw new Error(`the style has no colour ${key}`);
      return `--${key.replace("_", "-")}: ${told[key]};`;
    }).join("");
    if (!FONT.test(style.font)) throw new Error("the style has no font");
    const rest = `--font: ${style.font}; --size: ${Number(style.font_size)}px; --radius: ${Number(style.radius)}px;`;
    const made = new CSSStyleSheet();
    made.replaceSync(`dialog { ${rest} ${look(style.light)} }
      @media (prefers-color-scheme: dark) { dialog { ${look(style.dark)} } } ${CSS}`);
    return made;
  };

  const difference = (one, other) => {
    const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
    if (Math.abs(a.width - b.width) > 1 || Math.abs(a.height - b.height) > 1) return "their sizes differ";
    const [s, t] = [getComputedStyle(one), getComputedStyle(other)];
    for (const key of ["color", "backgroundColor", "borderColor", "borderWidth", "fontSize", "fontWeight", "fontFamily",
      "opacity", "visibility", "textDecorationLine", "boxShadow", "filter", "transform", "zIndex"])
      if (s[key] !== t[key]) return `they differ in ${key}`;
    if (a.width === 0) return "they cannot be seen";
    return Math.min(a.height, a.width) < 44 || one.currentCSSZoom < 1 ? "they are too small" : "";
  };

  class TrothAsk extends HTMLElement {
    #token = "";
    #asked = null;
    #dialog = null;
    #keys = {};
    #shown = "";
    #ahead = NaN;
    #before = null;
    #busy = false;
    #answered = false;
    #closed = false;

    get token() { return this.#token; }
    /** Begins; set again after troth-failed {status: 401}, it is what the answer is sent with. */
    set token(value) { this.#token = String(value); this.#begin(); }

    /** A question as the service gives it, where the page has it already. */
    set question(told) { this.#ask(told); }

    connectedCallback() { this.#begin(); }
    disconnectedCallback() { this.#closed = true; this.#dialog?.close(); }

    #tell(name, detail) { this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, detail })); }

    /* One key for each answer: the same answer given again, after an error, counts once. */
    #key(value) { return (this.#keys[value] ??= crypto.randomUUID()); }

    async #call(path, method, body) {
      const headers = { Authorization: `Bearer ${this.#token}`, Accept: "application/json" };
      if (body) Object.assign(headers, { "Content-Type": "application/json", "Idempotency-Key": this.#key(body.value) });
      const base = new URL(this.getAttribute("src") || "/", document.baseURI);
      return fetch(new URL(path, base), { method, headers, body: body && JSON.stringify(body), credentials: "omit" });
    }

    async #begin() {
      if (!this.isConnected || !this.#token || this.#asked) return;
      const asked = new URLSearchParams({ locale: this.getAttribute("locale") || navigator.language });
      try {
        const answer = await this.#call(`v1/question?${asked}`, "GET");
        if (!answer.ok) return this.#tell("troth-failed", { status: answer.status });
        this.#ahead = Math.max(0, Date.now() - Date.parse(answer.headers.get("Date")));
        const told = await answer.json();
        if (told.show) this.#ask(told); else this.#tell("troth-none", { reason: told.why });
      } catch {
        this.#tell("troth-failed", { status: 0 });
      }
    }

    #ask(told) {
      if (this.#asked || !this.isConnected) return;
      if (!told.notice?.words?.yes || !told.layout) return this.#tell("troth-failed", { status: 0 });
      this.#asked = told;
      this.#before = document.activeElement;
      const root = this.shadowRoot || this.attachShadow({ mode: "open" });
      try {
        root.adoptedStyleSheets = [sheet(told.layout.style)];
      } catch (problem) {
        return this.#refuse(problem.message);
      }
      root.replaceChildren(this.#drawn(told));
      this.#dialog.showModal();
      this.#dialog.querySelector("h2").focus();
      const why = difference(...this.#dialog.querySelectorAll(".answer"));
      if (why) return this.#refuse(why);
      /* The clock of a device may be ahead of the service, where nothing is shown after it was answered. */
      this.#shown = new Date(Date.now() - (this.#ahead || 0)).toISOString();
    }

    #refuse(reason) {
      this.#closed = true;
      this.#dialog?.close();
      this.shadowRoot.replaceChildren();
      this.#tell("troth-refused", { reason });
    }

    #words(text) {
      const date = (moment) => moment && new Intl.DateTimeFormat(this.#asked.notice.locale,
        { dateStyle: "long", timeZone: "UTC" }).format(new Date(moment));
      const { deadline, effective } = this.#asked;
      /* A deadline is the first moment at which the time is over: people are told the day before it. */
      return text.replace("{deadline}", date(deadline && new Date(deadline) - 1) || "").replace("{effective}", date(effective) || "");
    }

    #intro(told) {
      const notice = told.notice.words;
      if (!told.may_continue) return this.#words(notice.gate);
      /* Where no deadline is set, nothing is said of one. */
      const said = notice[`intro_${told.stage}`];
      return told.stage === "existing" && !told.deadline ? notice.intro_open : this.#words(said);
    }

    #drawn(told) {
      const notice = told.notice.words;
      const dialog = element("dialog", "", { lang: notice.locale, dir: notice.direction, "aria-labelledby": "title",
        "aria-describedby": "intro" });
      const all = element("div", "", { class: "all" });
      const header = element("header");
      header.append(element("h2", notice.title, { id: "title", tabindex: "-1" }), element("p", this.#intro(told), { id: "intro" }));
      const says = element("div", "", { class: "says", tabindex: "0", role: "region", "aria-labelledby": "title" });
      for (const [heading, names] of SECTIONS)
        says.append(element("h3", notice[heading]), ...names.map((name) => element("p", notice[name])));
      const footer = element("footer");
      const answers = element("div", "", { class: "answers" });
      const order = told.layout.order === "yes-first" ? ["yes", "no"] : ["no", "yes"];
      for (const name of order) {
        const button = element("button", notice[name], { type: "button", class: "answer", "data-answer": name });
        button.addEventListener("click", () => this.#answer(name === "yes" ? "granted" : "refused"));
        answers.append(button);
      }
      footer.append(element("p", "", { role: "alert" }), answers);
      if (told.deferrals_left) {
        const later = element("button", notice.later, { type: "button", class: "later" });
        later.addEventListener("click", () => this.#answer("deferred"));
        footer.append(later);
      }
      all.append(header, says, footer);
      dialog.append(all);
      dialog.addEventListener("cancel", (event) => {
        event.preventDefault();
        if (this.#answered) this.#close();
        else if (told.deferrals_left) this.#answer("deferred");
      });
      /* A browser closes a dialog that is cancelled again and again, whatever is said: it stays until it was we who closed it. */
      dialog.addEventListener("close", () => { if (!this.#closed && dialog.isConnected) dialog.showModal(); });
      this.#dialog = dialog;
      return dialog;
    }

    async #answer(value) {
      if (this.#busy) return;
      this.#busy = true;
      const told = this.#asked;
      const buttons = [...this.#dialog.querySelectorAll("button")];
      for (const button of buttons) button.setAttribute("aria-disabled", "true");
      const alert = this.#dialog.querySelector("[role=alert]");
      alert.textContent = "";
      try {
        const answer = await this.#call("v1/choices", "POST", { choice: told.notice.choice, value,
          mechanism: told.stage === "signup" ? "signup" : "dialog", initial_state: "none", notice: told.notice.version,
          notice_digest: told.notice.digest, layout_digest: told.layout.digest, locale: told.notice.locale,
          shown_at: this.#shown });
        if (!answer.ok) throw new Error("refused", { cause: answer.status });
        this.#saved(value, (await answer.json()).id);
      } catch (problem) {
        for (const button of buttons) button.removeAttribute("aria-disabled");
        alert.textContent = told.notice.words.failed;
        this.#tell("troth-failed", { status: problem.cause || 0 });
      } finally {
        this.#busy = false;
      }
    }

    #saved(value, id) {
      if (value === "deferred") this.#close();
      else {
        const notice = this.#asked.notice.words;
        const footer = element("footer");
        const close = element("button", notice.close, { type: "button", class: "close" });
        close.addEventListener("click", () => this.#close());
        footer.append(element("p", value === "granted" ? notice.saved_yes : notice.saved_no, { role: "status" }), close);
        this.#dialog.querySelector("#intro").remove();
        this.#dialog.removeAttribute("aria-describedby");
        this.#dialog.querySelector(".all").replaceChildren(this.#dialog.querySelector("header"), footer);
        this.#answered = true;
        close.focus();
      }
      this.#tell("troth-choice", { value, id });
    }

    #close() {
      this.#closed = true;
      this.#dialog.close();
      this.shadowRoot.replaceChildren();
      if (this.#before instanceof HTMLElement) this.#before.focus();
    }
  }
  customElements.define("troth-ask", TrothAsk);
})();
