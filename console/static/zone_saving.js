// Checks the zones with the service, shows what would change in words and as lines of the file, and saves them.

export class ZoneSaving {
  constructor(dialog, draft, seed, { say, call, explain, Problem, done }) {
    Object.assign(this, { dialog, draft, seed, say, call, explain, Problem, done });
    this.path = `/api/v1/cameras/${encodeURIComponent(seed.camera_id)}/zones`;
    dialog?.querySelector("[data-save]").addEventListener("click", () => this.save());
    dialog?.querySelector("[data-rebase]").addEventListener("click", () => this.rebase());
  }

  async check() {
    this.#clear();
    this.dialog.showModal();
    this.#busy(true);
    try {
      this.#show(await this.call("POST", `${this.path}/check`, { zones: this.draft.body() }));
    } catch (wrong) {
      this.#wrong(this.explain(wrong));
    } finally {
      this.#busy(false);
    }
  }

  async save() {
    this.#busy(true);
    try {
      const saved = await this.call("PUT", this.path, { zones: this.draft.body() }, { match: `"${this.draft.tag}"` });
      const now = await this.call("GET", this.path);
      this.draft.start(now.zones, saved.tag);
      this.dialog.close();
      this.done(this.say("saved"));
    } catch (wrong) {
      const conflict = wrong instanceof this.Problem && wrong.status === 412;
      this.#wrong(conflict ? `${this.say("conflict")}\n${wrong.message}` : this.explain(wrong));
      this.dialog.querySelector("[data-rebase]").hidden = !conflict;
      this.dialog.querySelector("[data-save]").disabled = true;
    } finally {
      this.#busy(false);
    }
  }

  /** Take what somebody else has saved, put what was changed here on top, and look at it again. */
  async rebase() {
    try {
      const now = await this.call("GET", this.path);
      const both = this.draft.rebase(now.zones, now.tag);
      this.dialog.close();
      this.done(both.length ? this.say("rebased_both", { zones: both.join(this.say("and")) }) : this.say("rebased"));
    } catch (wrong) {
      this.#wrong(this.explain(wrong));
    }
  }

  #clear() {
    for (const name of ["changes", "problems", "counts"]) this.dialog.querySelector(`[data-${name}]`).replaceChildren();
    this.dialog.querySelector("[data-diff]").textContent = "";
    this.dialog.querySelector("[data-rebase]").hidden = true;
    this.dialog.querySelector("[data-save]").disabled = true;
    this.#wrong("");
  }

  #wrong(text) { this.dialog.querySelector("[role=alert]").textContent = text; }

  #busy(is) {
    this.dialog.setAttribute("aria-busy", is);
    this.dialog.querySelector("[data-checking]").hidden = !is;
  }

  #show(draft) {
    const lines = (name, texts) => this.dialog.querySelector(`[data-${name}]`).replaceChildren(...texts.map((text) => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    }));
    lines("changes", draft.changes.map((one) => this.#change(one)));
    const problems = draft.problems.map((one) => (one.zone ? this.say("problem_of", one) : one.problem));
    lines("problems", [...problems, ...draft.doubts.map((doubt) => this.say("doubt", { doubt }))]);
    lines("counts", draft.counts.filter((one) => one.things).map((one) => this.say("count_line", { zone: one.zone, n: one.things, parts: this.#classes(one.classes) })));
    this.dialog.querySelector("[data-diff]").textContent = draft.diff;
    this.dialog.querySelector("[data-save]").disabled = Boolean(draft.problems.length) || !draft.diff;
    if (draft.tag !== this.draft.tag) {
      this.#wrong(this.say("conflict"));
      this.dialog.querySelector("[data-rebase]").hidden = false;
      this.dialog.querySelector("[data-save]").disabled = true;
    }
  }

  #classes(classes) {
    return Object.entries(classes).map(([label, n]) => this.say("held_part", { word: this.seed.words[label] ?? label, n })).join(this.say("and"));
  }

  #change({ what, zone, before, after }) {
    const word = (text) => this.seed.roles[text] ?? (text || this.say("nothing"));
    return this.say(`change_${what}`, { zone, before: word(before), after: word(after) });
  }
}
