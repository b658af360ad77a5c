// Everything works without this file. It adds comfort to the editor, and copying to the token page.
"use strict";

for (const pad of document.querySelectorAll("[data-pad]")) {
  const text = pad.querySelector("textarea");
  const tools = pad.querySelector("[data-tools]");
  const shown = pad.querySelector("[data-shown]");
  const form = text.form;

  tools.hidden = false;
  tools.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const { wrap, line } = button.dataset;
    const from = text.selectionStart;
    const to = text.selectionEnd;
    const chosen = text.value.slice(from, to);
    text.focus();
    if (wrap) {
      insert(text, from, to, wrap + chosen + wrap, wrap.length, chosen.length);
    } else if (line) {
      const start = text.value.lastIndexOf("\n", from - 1) + 1;
      const lines = text.value.slice(start, to).split("\n").map((part) => line + part).join("\n");
      insert(text, start, to, lines, lines.length, 0);
    } else {
      insert(text, from, to, `[${chosen || "words"}](https://)`, chosen ? chosen.length + 3 : 1, chosen ? 8 : 5);
    }
  });
  // One stop for Tab, arrows within: the keyboard pattern of a toolbar.
  const buttons = [...tools.querySelectorAll("button")];
  buttons.forEach((button, place) => { button.tabIndex = place ? -1 : 0; });
  tools.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length];
    buttons.forEach((button) => { button.tabIndex = button === next ? 0 : -1; });
    next.focus();
  });

  // Without setHTML, which takes out whatever could run, the button sends the form and the server shows the preview.
  const show = form.querySelector("[data-show]");
  if (show && "setHTML" in Element.prototype && "Sanitizer" in window) {
    show.addEventListener("click", async (event) => {
      event.preventDefault();
      if (!shown.hidden) {
        shown.hidden = true;
        show.textContent = "Preview";
        return;
      }
      const sent = new FormData();
      sent.set("text", text.value);
      sent.set("csrf_token", form.elements.csrf_token.value);
      try {
        const answer = await fetch(pad.dataset.preview, { method: "POST", body: sent });
        if (!answer.ok) throw new Error(String(answer.status));
        // Less strict than its default, which takes out images; what can run is taken out all the same.
        shown.setHTML(await answer.text(), { sanitizer: new Sanitizer({ removeElements: [], removeAttributes: [] }) });
      } catch {
        shown.textContent = "The preview could not be loaded. Your text is safe; try again.";
      }
      shown.hidden = false;
      show.textContent = "Hide preview";
    });
  }

  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
}

function insert(text, from, to, what, caret, length) {
  text.setRangeText(what, from, to, "end");
  text.setSelectionRange(from + caret, from + caret + length);
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const secret = document.querySelector("[data-secret]");
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(secret.textContent);
    button.textContent = "Copied";
  });
}
