// What was just decided, and how each answer is: waiting, on its way, sent, not sent.

import { fill } from "./review_words.js";

const SHOWN_SENT = 3;

export class Tray {
  constructor(root, slots, words) {
    this.root = root;
    this.slots = slots;
    this.words = words;
  }

  show(outbox, undo) {
    const sent = outbox.list.filter((one) => one.state === "done").slice(-SHOWN_SENT);
    const shown = [...sent, ...outbox.unsent].reverse();
    this.slots.tray.replaceChildren(...shown.slice(0, 8).map((one) => this.#decision(one, undo)));
    this.root.querySelector("[data-act=undo]").hidden = !outbox.unsent.some((one) => one.state === "waiting");
  }

  #decision(one, undo) {
    const { words } = this;
    const line = document.createElement("li");
    const [what, how, state] = ["b", "span", "em"].map((name) => document.createElement(name));
    what.textContent = one.label;
    how.textContent = one.verdict;
    state.textContent = this.#state(one);
    line.className = one.state === "done" ? one.how : one.state;
    line.append(what, how, state);
    if (one.state === "failed" && one.item && one.step === 0) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button plain-button";
      button.textContent = words.take_back;
      button.addEventListener("click", () => undo(one.key));
      line.append(button);
    }
    return line;
  }

  #state(one) {
    const { words } = this;
    switch (one.state) {
      case "waiting": return fill(words.sending, { seconds: Math.max(0, Math.ceil((one.due - Date.now()) / 1000)) });
      case "sending": return words.on_the_way;
      case "failed": return words.failed;
      default:
        if (one.how === "sent") return words.sent;
        if (one.how === "refused") return fill(words.refused, { why: one.what });
        return one.what?.by ? fill(words.decided_by, { who: one.what.by, verdict: words.verdict[one.what.verdict] }) : words.decided_itself;
    }
  }
}
