/* A receipt, checked in the page itself with WebCrypto, against a log key that the person pinned.
 *
 * Steps 1 to 6 of docs/formats/receipts.md. Step 7, that the plain words are those of what was proved, is left to the offline
 * check: here only what was proved is shown, and never the words of the file. This code comes from the server: whoever does
 * not trust the server checks with `troth verify`.
 */
"use strict";

const FIRST = "troth receipt 1";
const EVIDENCE = "--- evidence ---";
const PROOF = "c2sp.org/tlog-proof@v1";
const LARGEST = 64 << 20;
const EMPTY = new Uint8Array(32);

export const TITLES = [
  "The file has the form of a receipt, and its closing digest",
  "Each commitment opens",
  "Each entry is in the log",
  "The pinned log signed",
  "The conversation is in its batch",
  "The conversation is in the releases, or is not, as told",
];

class Finding extends Error {}

const encoder = new TextEncoder();
const fail = (what) => { throw new Finding(what); };
const need = (holds, what) => { if (!holds) fail(what); };

const joined = (...parts) => {
  const all = parts.map((part) => (typeof part === "string" ? encoder.encode(part) : part));
  const made = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of all) { made.set(part, at); at += part.length; }
  return made;
};
const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));
const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const same = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

const fromHex = (text) => {
  need(/^(?:[0-9a-f]{2})*$/.test(text), "hexadecimal digits were expected");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
};
const fromBase64 = (text) => {
  need(/^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0, "base64 was expected");
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  need(btoa(String.fromCharCode(...bytes)) === text, "base64 is not in its one form");
  return bytes;
};
const number = (text) => {
  need(/^(?:0|[1-9][0-9]{0,15})$/.test(text) && Number.isSafeInteger(Number(text)), "a whole number was expected");
  return Number(text);
};

const leafHash = (bytes) => sha256(Uint8Array.of(0), bytes);
const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);

/** The root that an inclusion proof leads to (RFC 9162, section 2.1.3.2). */
const rootOf = async (leaf, index, size, path) => {
  need(index < size, "the entry is beyond the tree");
  let [at, last, hash] = [index, size - 1, leaf];
  for (const other of path) {
    need(last > 0, "the proof is too long");
    if (at % 2 === 1 || at === last) {
      hash = await nodeHash(other, hash);
      while (at % 2 === 0 && at > 0) { at = Math.floor(at / 2); last = Math.floor(last / 2); }
    } else hash = await nodeHash(hash, other);
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  need(last === 0, "the proof is too short");
  return hash;
};

class Lines {
  constructor(lines) { this.lines = lines; this.at = 0; }
  get ended() { return this.at >= this.lines.length; }
  peek(start) { return !this.ended && this.lines[this.at].startsWith(start); }
  take(start = "") {
    need(this.peek(start), `line ${this.at + 1}: ${JSON.stringify(start.trim())} was expected`);
    return this.lines[this.at++].slice(start.length);
  }
  exactly(line) { need(this.take() === line, `line ${this.at}: ${JSON.stringify(line)} was expected`); }
}

const readCheckpoint = (lines) => {
  const blank = lines.indexOf("");
  need(blank >= 3, "a checkpoint has an origin, a size and a root");
  return {
    origin: lines[0], size: number(lines[1]), root: fromBase64(lines[2]),
    text: `${lines.slice(0, blank).join("\n")}\n`, signatures: lines.slice(blank + 1),
  };
};

const readEntry = (lines) => {
  const index = number(lines.take("entry "));
  const leaf = encoder.encode(lines.take("leaf "));
  const salt = fromHex(lines.take("salt "));
  need(salt.length === 32, "a salt has 32 bytes");
  const payload = lines.peek("payload64 ") ? fromBase64(lines.take("payload64 ")) : encoder.encode(lines.take("payload "));
  const count = number(lines.take("proof "));
  const proof = Array.from({ length: count }, () => lines.take());
  lines.exactly("");
  need(proof[0] === PROOF && proof[1] === `index ${index}`, `the proof of entry ${index} is not one of it`);
  const blank = proof.indexOf("");
  return { index, leaf, salt, payload, path: proof.slice(2, blank).map(fromBase64), checkpoint: readCheckpoint(proof.slice(blank + 1)) };
};

const readConversation = (lines) => {
  const name = JSON.parse(lines.take("conversation "));
  const salt = fromHex(lines.take("salt "));
  const [position, size] = lines.take("position ").split(" of ").map(number);
  const intake = number(lines.take("intake "));
  const path = [];
  while (lines.peek("path ")) path.push(fromBase64(lines.take("path ")));
  lines.exactly("");
  return { name, salt, position, size, intake, path };
};

const readMembership = (lines) => {
  const told = lines.take("membership ");
  need(told === "included" || told === "excluded", "a membership is included or excluded");
  const release = number(lines.take("release "));
  const depth = number(lines.take("depth "));
  const siblings = depth ? fromBase64(lines.take("siblings ")) : new Uint8Array();
  const other = lines.peek("other ") ? fromBase64(lines.take("other ")) : null;
  lines.exactly("");
  return { included: told === "included", release, depth, siblings, other };
};

const readReceipt = (text) => {
  const all = text.split("\n");
  need(all.pop() === "", "the last line has no end");
  const lines = new Lines(all);
  lines.exactly(FIRST);
  const [, subject, name] = /^(account|conversation|release|lineage) (".*")$/.exec(lines.take("about ")) ?? fail("it is about nothing known");
  while (!lines.peek(EVIDENCE)) lines.take();
  lines.exactly(EVIDENCE);
  lines.exactly("");
  const receipt = { subject, name: JSON.parse(name), entries: [], conversation: null, memberships: [] };
  while (lines.peek("entry ")) receipt.entries.push(readEntry(lines));
  if (lines.peek("conversation ")) receipt.conversation = readConversation(lines);
  while (lines.peek("membership ")) receipt.memberships.push(readMembership(lines));
  lines.take("digest sha256:");
  need(lines.ended, "something stands after the closing digest");
  need(receipt.entries.every((one, at) => at === 0 || receipt.entries[at - 1].index < one.index), "the entries are not in their order");
  return receipt;
};

const checkDigest = async (bytes, text) => {
  const end = text.lastIndexOf("\n", text.length - 2) + 1;
  const found = `digest sha256:${hex(await sha256(text.slice(0, end)))}\n`;
  need(text.slice(end) === found, "the closing digest is not that of the bytes before it: the file was cut or changed");
  return `${bytes.length.toLocaleString("en")} bytes, with their digest`;
};

const checkOpenings = async (receipt) => {
  for (const one of receipt.entries) {
    one.told = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(one.leaf));
    const opened = hex(await sha256("troth:entry:1", Uint8Array.of(0), one.salt, one.payload));
    need(opened === one.told.commitment, `entry ${one.index} does not open to what the file says`);
    one.content = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(one.payload));
    const of = one.content.event?.account;
    need(receipt.subject !== "account" || of === undefined || of === receipt.name, `entry ${one.index} is of another account`);
  }
  return `${receipt.entries.length} commitments opened`;
};

const checkInclusion = async (receipt) => {
  const roots = new Map();
  for (const one of receipt.entries) {
    const { checkpoint } = one;
    need(checkpoint.origin === receipt.entries[0].checkpoint.origin, "the checkpoints are of two logs");
    const before = roots.get(checkpoint.size);
    need(!before || same(before, checkpoint.root), `two roots for ${checkpoint.size} entries: the log was forked`);
    roots.set(checkpoint.size, checkpoint.root);
    const found = await rootOf(await leafHash(one.leaf), one.index, checkpoint.size, one.path);
    need(same(found, checkpoint.root), `entry ${one.index} is not in the log`);
  }
  return `${receipt.entries.length} entries under ${roots.size} checkpoint${roots.size === 1 ? "" : "s"}`;
};

const readKey = async (vkey) => {
  const [, name, id, key] = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(vkey.trim()) ?? fail("the pinned key is no vkey");
  const bytes = fromBase64(key);
  need(bytes.length === 33 && bytes[0] === 1, "the pinned key is not an Ed25519 key of a log");
  need(hex((await sha256(name, Uint8Array.of(10), bytes)).slice(0, 4)) === id, "the pinned key has another id");
  return { name, id, key: await crypto.subtle.importKey("raw", bytes.slice(1), "Ed25519", false, ["verify"]) };
};

const checkSignature = async (receipt, vkey) => {
  const pinned = await readKey(vkey);
  for (const { checkpoint } of receipt.entries) {
    need(checkpoint.origin === pinned.name, `the receipt is from the log ${JSON.stringify(checkpoint.origin)}, and the key of ${JSON.stringify(pinned.name)}`);
    let signed = false;
    for (const line of checkpoint.signatures) {
      const [, name, signature] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? [];
      if (name !== pinned.name) continue;
      const bytes = fromBase64(signature);
      if (hex(bytes.slice(0, 4)) !== pinned.id) continue;
      signed = await crypto.subtle.verify("Ed25519", pinned.key, bytes.slice(4), encoder.encode(checkpoint.text));
      need(signed, "a signature of the log does not hold");
    }
    need(signed, "the pinned key did not sign");
  }
  return `signed by ${pinned.name}`;
};

const labelOf = ({ salt, name }) => sha256("troth:conversation:1", Uint8Array.of(0), salt, name);
const entryOf = (receipt, index, kind) => {
  const found = receipt.entries.find((one) => one.index === index);
  need(found && found.told.kind === kind, `entry ${index} is not there as ${kind}`);
  return found;
};

const checkBatch = async (receipt) => {
  const told = receipt.conversation;
  if (!told) return null;
  need(receipt.subject !== "conversation" || told.name === receipt.name, "it is another conversation than the receipt is about");
  const { content } = entryOf(receipt, told.intake, "intake");
  need(content.conversations === told.size, "the batch has another size in the log");
  const root = await rootOf(await leafHash(await labelOf(told)), told.position, told.size, told.path);
  need(hex(root) === content.root, "the conversation is not in its batch");
  return `number ${told.position + 1} of ${told.size}`;
};

const checkMembership = async (label, told, root) => {
  const bytes = Math.ceil(told.depth / 8);
  const present = told.siblings.slice(0, bytes);
  const bit = (array, at) => (array[at >> 3] >> (7 - (at & 7))) & 1;
  const hashes = [];
  for (let at = bytes; at < told.siblings.length; at += 32) hashes.push(told.siblings.slice(at, at + 32));
  const marked = Array.from({ length: told.depth }, (_, at) => bit(present, at));
  need(told.depth <= 256 && marked.reduce((sum, one) => sum + one, 0) === hashes.length, "the siblings are not those announced");
  need(hashes.every((one) => one.length === 32 && !same(one, EMPTY)), "a sibling is no hash");
  need(!told.depth || marked[told.depth - 1], "the deepest sibling is empty");
  let here = EMPTY;
  if (told.included) {
    need(!told.other, "it ends at another label");
    here = await sha256(Uint8Array.of(0), label);
  } else {
    need(told.depth < 256, "the path goes through every bit of the label");
    if (told.other) {
      need(told.other.length === 32 && !same(told.other, label), "the other label is the label itself");
      for (let at = 0; at < told.depth; at++) need(bit(told.other, at) === bit(label, at), "the other label is on another path");
      here = await sha256(Uint8Array.of(0), told.other);
    }
  }
  for (let at = told.depth - 1; at >= 0; at--) {
    const sibling = marked[at] ? hashes.pop() : EMPTY;
    here = await (bit(label, at) ? nodeHash(sibling, here) : nodeHash(here, sibling));
  }
  need(hex(here) === root, "the path does not lead to the root of the release");
};

const checkMemberships = async (receipt) => {
  if (!receipt.memberships.length) return null;
  need(receipt.conversation, "there is no conversation to be in a release");
  const label = await labelOf(receipt.conversation);
  for (const told of receipt.memberships) {
    need(told.release > receipt.conversation.intake, "the release is older than the intake");
    await checkMembership(label, told, entryOf(receipt, told.release, "release").content.membership.root);
  }
  return receipt.memberships.map((told) => `${told.included ? "in" : "not in"} the release of entry ${told.release}`).join("; ");
};

/**
 * Check a receipt. Resolves to {subject, name, established, steps: [{number, title, outcome, what}], entries, answers};
 * outcome is "passed", "failed" or "not checked". What is wrong is a step that failed, and is never thrown.
 */
export const checkReceipt = async (bytes, vkey) => {
  const steps = TITLES.map((title, at) => ({ number: at + 1, title, outcome: "not checked", what: "" }));
  const told = { subject: "", name: "", established: false, steps, entries: [], answers: [] };
  let receipt = null;
  const take = async (at, work) => {
    try {
      const what = await work();
      if (what === null) steps[at].what = "the receipt has none";
      else Object.assign(steps[at], { outcome: "passed", what });
    } catch (problem) {
      Object.assign(steps[at], { outcome: "failed", what: problem instanceof Finding ? problem.message : "it has another form" });
    }
    return steps[at].outcome !== "failed";
  };
  const formed = await take(0, async () => {
    need(bytes.length <= LARGEST, "no receipt is larger than 64 MiB");
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const what = await checkDigest(bytes, text);
    receipt = readReceipt(text);
    return what;
  });
  if (!formed) return told;
  Object.assign(told, { subject: receipt.subject, name: receipt.name });
  const rest = [checkOpenings, checkInclusion, (one) => checkSignature(one, vkey), checkBatch, checkMemberships];
  let good = true;
  for (const [at, work] of rest.entries()) {
    if (at === 2 && !vkey) { steps[3].what = "no key was pinned: anyone could have made this file"; continue; }
    good = (await take(at + 1, () => work(receipt))) && good;
  }
  told.established = good && steps[3].outcome === "passed";
  if (good) {
    told.entries = receipt.entries.map(({ index, told: { at, kind }, content }) => ({ index, at, kind, content }));
    told.answers = receipt.memberships.map(({ included, release }) => ({ included, release }));
  }
  return told;
};
