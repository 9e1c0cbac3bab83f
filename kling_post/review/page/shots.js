// The list of shots: a picture, its takes, what was found, what was decided.
import { byId, fill, make, said } from "review/dom";
import { worst } from "review/findings";

const WORDS = { approved: "approved", needs_work: "needs work", rejected: "rejected", "": "undecided" };
const MARKS = { approved: "✓", needs_work: "✎", rejected: "✕", "": "" };

export const verdictWords = (verdict) => WORDS[verdict ?? ""];

export class ShotList {
  constructor(app) {
    this.app = app;
    this.rows = new Map();
    for (const id of ["filter-state", "filter-severity", "filter-check"]) byId(id).addEventListener("change", () => this.filter());
  }

  get filters() {
    return { state: byId("filter-state").value, severity: byId("filter-severity").value, check: byId("filter-check").value };
  }

  build() {
    const { session } = this.app;
    const checks = [...new Set(session.shots.flatMap((shot) => shot.takes.flatMap((take) => take.findings.map((one) => one.check))).concat(session.seams.flatMap((seam) => seam.findings.map((one) => one.check))))].sort();
    fill(byId("filter-check"), make("option", { value: "" }, "any"), ...checks.map((check) => make("option", { value: check }, check)));
    const list = byId("shot-list");
    fill(list, ...session.shots.map((shot) => this.row(shot)));
    this.update();
  }

  row(shot) {
    const chips = make("span", { class: "chips" });
    const picture = make("img", { alt: "", loading: "lazy", decoding: "async", width: 96, height: 54 });
    const button = make("button", { type: "button", class: "shot-button", on: { click: () => this.app.openShot(shot.id) } },
      picture, make("span", { class: "shot-words" }, said(shot.id, "b"), make("span", { class: "shot-found" }), chips));
    const item = make("li", {}, button);
    this.rows.set(shot.id, { item, button, chips, picture, found: button.querySelector(".shot-found"), shot });
    return item;
  }

  update() {
    for (const row of this.rows.values()) {
      const { shot } = row, used = this.app.takeInUse(shot);
      const take = shot.takes.find((one) => one.id === used) ?? shot.takes[0];
      const url = this.app.store.stillUrl(take.id, Math.floor(take.frames / 2));
      if (url && row.url !== url) { row.url = url; row.picture.src = url; }
      fill(row.chips, ...shot.takes.map((one) => {
        const verdict = this.app.state.verdicts[one.id] ?? "";
        const name = `take ${one.number}, ${WORDS[verdict]}${one.id === used ? ", in the edit" : ""}`;
        return make("span", { class: `chip ${verdict || "open"}${one.id === used ? " used" : ""}`, title: name, role: "img", "aria-label": name }, `${one.number}${MARKS[verdict]}`);
      }));
      const counts = worst(take.findings);
      fill(row.found, ...(counts.length ? counts.map(([severity, count]) => make("span", { class: `count ${severity}` }, `${count} ${severity}`)) : [make("span", { class: "faint" }, "no findings")]));
    }
    this.filter();
  }

  filter() {
    const { state, severity, check } = this.filters;
    let shown = 0;
    for (const { item, shot } of this.rows.values()) {
      const verdict = this.app.state.verdicts[this.app.takeInUse(shot)] ?? "open";
      const findings = [...shot.takes.flatMap((take) => take.findings), ...this.app.seamsOf(shot).flatMap((seam) => seam.findings)];
      const fits = (!state || verdict === state) && ((!severity && !check) || findings.some((one) => this.app.passes(one, severity, check)));
      item.hidden = !fits;
      shown += fits;
    }
    const all = this.rows.size;
    byId("shot-count").textContent = shown === all ? `${all} shot${all === 1 ? "" : "s"}` : `${shown} of ${all} shots`;
    this.app.panels?.findings();
  }

  visible() { return [...this.rows.values()].filter((row) => !row.item.hidden).map((row) => row.shot); }

  mark(shotId) {
    for (const [id, row] of this.rows) {
      if (id === shotId) { row.button.setAttribute("aria-current", "true"); row.item.scrollIntoView({ block: "nearest", inline: "nearest" }); }
      else row.button.removeAttribute("aria-current");
    }
  }
}
