// The right-hand side: verdict, takes in order, findings, notes, what the take is.
import { badge, byId, fill, make, said } from "review/dom";
import { place, waiverOf } from "review/findings";
import { fps, timecode } from "review/time";
import { verdictWords } from "review/shots";

export class Panels {
  constructor(app) {
    this.app = app;
    for (const button of byId("verdicts").querySelectorAll("button")) button.addEventListener("click", () => app.judge(button.dataset.verdict));
    byId("note-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const text = byId("note-text"), words = text.value.trim();
      // The keys work the viewer again at once; the store keeps on until the note is saved.
      text.value = "";
      byId("viewer").focus();
      app.note(words);
    });
    byId("note-text").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); byId("note-form").requestSubmit(); }
      if (event.key === "Escape") byId("viewer").focus();
    });
  }

  draw() { this.verdict(); this.takes(); this.findings(); this.notes(); this.about(); }

  verdict() {
    const { take, state } = this.app;
    fill(byId("verdict-of"), `take ${take.number}`);
    for (const button of byId("verdicts").querySelectorAll("button")) button.setAttribute("aria-pressed", String(state.verdicts[take.id] === button.dataset.verdict));
  }

  takes() {
    const { app } = this, { shot, state } = app;
    const chosen = state.chosen[shot.id] ?? null, used = app.takeInUse(shot);
    const rows = app.ranked(shot).map(({ take, row }, index) => {
      const verdict = state.verdicts[take.id] ?? "";
      return make("li", { class: take.id === app.take.id ? "take open" : "take" },
        make("div", { class: "take-head" },
          make("button", { type: "button", class: "take-open", "aria-current": take.id === app.take.id ? "true" : null, on: { click: () => app.openTake(take.id) } },
            make("b", {}, `${index + 1}. take ${take.number}`)),
          verdict ? make("span", { class: `chip ${verdict}` }, verdictWords(verdict)) : null,
          take.id === shot.used ? make("span", { class: "chip now" }, "in the edit") : null,
          make("label", { class: "choose" }, make("input", { type: "radio", name: "choose", checked: take.id === used ? true : null, "aria-label": `Use take ${take.number}`, on: { change: () => app.choose(take.id) } }), "use")),
        make("p", { class: "reasons" }, row ? row.reasons.join(" · ") : "not ranked"),
        make("p", { class: "faint numbers" }, `${take.frames} frames, ${(take.frames / fps(take.rate)).toFixed(2)} s · ${take.cost_usd} USD${row ? ` · ${row.usd_per_second} USD per usable second` : ""}`));
    });
    const asked = state.retakes[shot.id] === shot.takes.length;
    fill(byId("takes"),
      make("ol", { class: "take-list" }, ...rows),
      chosen ? make("p", { class: "plain" }, "Chosen by a reviewer. ", make("button", { type: "button", class: "quiet", on: { click: () => app.choose(null) } }, "Back to the ranking")) : null,
      app.nextWords(shot) ? make("p", { class: "plain next" }, app.nextWords(shot)) : null,
      make("button", { type: "button", "aria-pressed": String(asked), on: { click: () => app.askRetake(!asked) } }, asked ? "Another take is asked for" : "Ask for another take"));
  }

  findings() {
    const { app } = this;
    if (!app.take) return;
    const { severity, check } = app.shots.filters;
    const groups = app.findingGroups().map(({ subject, title, findings, open }) => {
      const shown = findings.filter((finding) => app.passes(finding, severity, check));
      return shown.length || !findings.length
        ? make("section", { class: "found-group" }, make("h3", { class: "text" }, title),
          shown.length ? make("ul", { class: "found" }, ...shown.map((finding) => this.finding(subject, finding, open))) : make("p", { class: "faint" }, "Nothing was found."))
        : null;
    });
    fill(byId("findings"), ...groups);
    if (!groups.some(Boolean)) fill(byId("findings"), make("p", { class: "faint" }, "None that pass the filter."));
  }

  finding(subject, finding, open) {
    const { app } = this, waiver = waiverOf(app.state, subject, finding);
    return make("li", { class: waiver ? "waived" : null },
      make("div", { class: "found-head" }, badge(waiver ? "waived" : finding.severity, waiver ? "waived" : finding.severity),
        make("button", { type: "button", class: "jump", on: { click: () => open(finding) } }, make("b", {}, finding.check), " ", make("span", { class: "numbers" }, place(finding)))),
      said(finding.message, "p"),
      waiver
        ? make("p", { class: "faint text", dir: "auto" }, `Waived until ${waiver.expires}: ${waiver.reason} `, make("button", { type: "button", class: "quiet", "aria-label": `Withdraw the waiver of ${finding.check}`, on: { click: () => app.send({ kind: "waiver_removed", waiver: waiver.id }) } }, "Withdraw"))
        : finding.severity === "info" ? null : make("button", { type: "button", class: "quiet", "aria-label": `Waive ${finding.check} at ${place(finding)}`, on: { click: () => app.waiving.open(subject, finding) } }, "Waive"));
  }

  notes() {
    const { app } = this;
    const notes = app.state.notes.filter((note) => note.take === app.take.id).sort((one, two) => one.frame - two.frame);
    fill(byId("notes"), notes.length ? make("ul", { class: "notes" }, ...notes.map((note) => make("li", {},
      make("button", { type: "button", class: "jump numbers", on: { click: () => app.goTo(note.frame) } }, `f${note.frame}`),
      make("div", {}, said(note.text, "p"), note.by ? make("p", { class: "faint text", dir: "auto" }, note.by) : null),
      make("button", { type: "button", class: "quiet", "aria-label": `Remove the note at frame ${note.frame}`, on: { click: () => app.send({ kind: "note_removed", note: note.id }) } }, "Remove")))) : null);
  }

  about() {
    const { take } = this.app;
    fill(byId("about"),
      make("p", { class: "text faint", dir: "auto" }, take.file),
      make("p", { class: "numbers faint" }, `${take.size[0]} × ${take.size[1]} · ${+fps(take.rate).toFixed(3)} fps · ${timecode(take.frames, take.rate)} · ${take.facts}`),
      ...take.prompts.map((prompt, index) => make("details", { open: take.prompts.length === 1 ? true : null }, make("summary", { class: "text" }, take.planned[index]?.[0] ?? "Prompt"), said(prompt, "p"))),
      take.notes.length ? make("details", {}, make("summary", {}, `What the backend said (${take.notes.length})`), ...take.notes.map((note) => said(note, "p"))) : null,
      take.undetermined.length ? make("details", {}, make("summary", {}, `Not checked, and why (${take.undetermined.length})`), ...take.undetermined.map((one) => make("p", {}, make("b", {}, one.check), " ", said(one.reason)))) : null);
  }
}
