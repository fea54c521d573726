// The page of the example product. What is of the question: the token is handed to <troth-ask>, and its answer lets people go on.
const ask = document.querySelector("troth-ask");
const told = document.querySelector("#told");

async function call(path, body) {
  const answer = await fetch(path, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.problem);
  return said;
}

function element(name, text, click) {
  const made = document.createElement(name);
  made.textContent = text;
  if (click) made.addEventListener("click", () => doing(click));
  return made;
}

async function doing(what) {
  told.textContent = "";
  try {
    await what();
  } catch (problem) {
    told.textContent = problem.message;
  }
  await show();
}

function chat(one) {
  const item = document.createElement("li");
  const kind = one.project ? `Coding session in ${one.project}` : one.mode === "incognito" ? "Incognito chat" : "Chat";
  item.append(element("h2", kind));
  for (const line of one.said) {
    const said = element("p", `${line.role === "user" ? "You" : "Reply"}: ${line.text}`);
    said.className = "said";
    item.append(said);
  }
  const form = document.createElement("form");
  form.className = "row";
  const input = document.createElement("input");
  input.setAttribute("aria-label", `Say something in: ${kind}`);
  input.required = true;
  form.append(input, element("button", "Send"), element("span", ""));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    doing(() => call("/api/say", { chat: one.id, text: input.value }));
  });
  const remove = element("button", "Delete", () => call("/api/delete", { chat: one.id }));
  const row = document.createElement("div");
  row.className = "row";
  row.append(remove);
  if (one.project)
    row.append(element("button", `Keep ${one.project} out of training`,
      async () => {
        await call("/api/project", { project: one.project, value: "refused" });
        told.textContent = `Sessions in ${one.project} are kept out of training.`;
      }));
  item.append(form, row);
  return item;
}

async function show() {
  const answer = await fetch("/api/state");
  if (!answer.ok) return;
  const state = await answer.json();
  document.querySelector("#sign-up").hidden = true;
  document.querySelector("#chats").hidden = false;
  const settings = document.querySelector("#settings");
  settings.hidden = false;
  settings.elements.token.value = state.token;
  document.querySelector("#list").replaceChildren(...state.chats.map(chat));
  ask.token = state.token;
}

document.querySelector("#sign-up").addEventListener("submit", (event) => {
  event.preventDefault();
  doing(() => call("/api/sign-up", { name: document.querySelector("#name").value }));
});
document.querySelector("#new").addEventListener("click", () => doing(() => call("/api/start", { mode: "normal" })));
document.querySelector("#incognito").addEventListener("click", () => doing(() => call("/api/start", { mode: "incognito" })));
document.querySelector("#code").addEventListener("click",
  () => doing(() => call("/api/start", { mode: "normal", project: document.querySelector("#folder").value })));
// A token lives for minutes: whoever took longer to read gets a new one, and their answer is sent again when they press again.
document.addEventListener("troth-failed", (event) => { if (event.detail.status === 401) show(); });
// A token enters the privacy centre once.
document.querySelector("#settings").addEventListener("submit", () => setTimeout(show, 500));
show();
