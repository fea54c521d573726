/* The page that checks a receipt: what it proved is shown as text, and nothing is sent. */
import { checkReceipt } from "/static/receipt.js";

const PINNED = "troth.log-key";
const form = document.getElementById("check");
const key = document.getElementById("key");
const result = document.getElementById("result");

const element = (name, text, attributes = {}) => {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  for (const [name_, value] of Object.entries(attributes)) made.setAttribute(name_, value);
  return made;
};

const verdict = (told) => {
  const failed = told.steps.filter((step) => step.outcome === "failed").length;
  if (failed) return ["This receipt is not what it says it is.", "stop"];
  if (!told.established) return ["The log is not established: anyone could have made this file.", "wait"];
  return [`What this receipt says about the ${told.subject} ${JSON.stringify(told.name)} was logged.`, "good"];
};

const shown = (told) => {
  const [words, kind] = verdict(told);
  const steps = element("ol");
  for (const step of told.steps) {
    const line = element("li", `${step.title}: `);
    line.append(element("strong", step.outcome), step.what ? `. ${step.what}` : "");
    steps.append(line);
  }
  const made = [element("h2", words, { class: kind, tabindex: "-1" }), steps];
  if (told.entries.length) made.push(element("h2", "What was proved"));
  for (const { included, release } of told.answers)
    made.push(element("p", `The conversation is ${included ? "" : "NOT "}in the release of entry ${release}.`));
  for (const { index, at, kind: of, content } of told.entries) {
    const entry = element("section", "", { class: "card" });
    entry.append(element("h3", `Entry ${index}: ${of}, logged ${at}`), element("code", JSON.stringify(content, null, 2), { class: "code" }));
    made.push(entry);
  }
  return made;
};

const pinned = () => { try { return localStorage.getItem(PINNED) ?? ""; } catch { return ""; } };
const pin = (value) => { try { localStorage.setItem(PINNED, value); } catch { /* a browser that keeps nothing pins nothing */ } };

key.value = pinned();
document.getElementById("forget").addEventListener("click", () => {
  try { localStorage.removeItem(PINNED); } catch { /* nothing was kept */ }
  key.value = "";
  key.focus();
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const wanted = key.value.trim();
  const before = pinned();
  const told = await checkReceipt(new Uint8Array(await document.getElementById("receipt").files[0].arrayBuffer()), wanted);
  const warned = before && before !== wanted
    ? [element("p", `This is another key than the one that you pinned: ${before}`, { class: "note", role: "alert" })] : [];
  if (!before && told.established) pin(wanted);
  result.replaceChildren(...warned, ...shown(told));
  result.querySelector("h2").focus();
});
