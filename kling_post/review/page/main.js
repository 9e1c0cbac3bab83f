// What is open, what reviewers decided, and what the keys and buttons do.
import { byId, fill, make } from "review/dom";
import { atLeast, waiverOf } from "review/findings";
import { startKeys } from "review/keys";
import { Panels } from "review/panels";
import { ShotList, verdictWords } from "review/shots";
import { FileStore, ServerStore } from "review/store";
import { fps, framesOf } from "review/time";
import { Viewer } from "review/viewer";
import { Waiving } from "review/waiving";

const POLL_MS = 700;

class App {
  constructor(store) { this.store = store; }

  async start() {
    const { session, state, proxies } = await this.store.open();
    Object.assign(this, { session, state, proxies });
    this.takes = new Map(session.shots.flatMap((shot) => shot.takes.map((take) => [take.id, take])));
    this.clips = new Map(session.clips.map((clip) => [clip.id, clip]));
    this.order = new Map(session.shots.map((shot) => [shot.id, shot.ranking.map((row) => row.take)]));
    this.firstFrame = framesOf(session.start_timecode, session.rate);
    document.title = `Review: ${session.project}`;
    byId("project").textContent = session.project;
    this.shots = new ShotList(this);
    this.shot = session.shots[0];
    this.take = this.takes.get(this.takeInUse(this.shot));
    this.viewer = new Viewer(this);
    this.panels = new Panels(this);
    this.waiving = new Waiving(this);
    this.store.addEventListener("status", (event) => this.status(event.detail));
    this.store.addEventListener("change", (event) => this.changed(event.detail));
    this.shots.build();
    this.buttons();
    startKeys(this);
    if (this.store.isStatic) this.startStatic();
    addEventListener("hashchange", () => this.follow());
    if (!this.follow()) this.openShot(this.shot.id);
    this.tally();
    this.poll();
    document.body.dataset.ready = "yes";
  }

  startStatic() {
    byId("reviewer-field").hidden = byId("download").hidden = false;
    byId("reviewer").addEventListener("input", (event) => { this.store.reviewer = event.target.value.trim(); });
    byId("download").addEventListener("click", () => this.store.download(`${this.session.project}_verdicts.jsonl`));
  }

  buttons() {
    const acts = {
      begin: () => this.goTo(0), reverse: () => this.shuttle(-1), back: () => this.step(-1), play: () => this.playStop(), forward: () => this.step(1),
      fast: () => this.shuttle(1), in: () => this.mark(0), out: () => this.mark(1), unmark: () => this.unmark(), loop: () => this.toggleLoop(), mute: () => this.toggleMute(), full: () => this.toggleFull(),
    };
    for (const button of document.querySelectorAll("[data-do]")) button.addEventListener("click", () => acts[button.dataset.do]());
  }

  async poll() {
    for (;;) {
      if (Object.values(this.proxies).some((one) => one.state === "waiting" || one.state === "making")) {
        try { this.proxies = await this.store.proxies(); } catch { /* the server is asked again */ }
        this.viewer.proxiesChanged();
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  // ------------------------------------------------------------------------------------------------- what is open

  openShot(shotId) {
    const shot = this.session.shots.find((one) => one.id === shotId);
    if (shot) this.openTake(this.takeInUse(shot));
  }

  openTake(takeId, frame = 0) {
    this.take = this.takes.get(takeId);
    this.shot = this.session.shots.find((shot) => shot.id === this.take.shot);
    byId("subject").textContent = this.shot.id;
    if (this.proxies[takeId]?.state !== "ready") this.store.want(takeId);
    this.viewer.open(this.take, frame);
    this.panels.draw();
    this.shots.mark(this.shot.id);
    this.placeNote();
  }

  nextShot(count) {
    const shown = this.shots.visible();
    const index = shown.findIndex((shot) => shot.id === this.shot.id);
    const next = shown[Math.max(0, Math.min(shown.length - 1, index + count))];
    if (next && next.id !== this.shot.id) this.openShot(next.id);
  }

  nextTake(count) {
    const { takes } = this.shot, index = takes.findIndex((take) => take.id === this.take.id);
    const next = takes[(index + count + takes.length) % takes.length];
    if (next.id !== this.take.id) this.openTake(next.id, Math.min(this.viewer.frame, next.frames - 1));
  }

  // Which take a shot would have in the edit: the reviewer's choice, else the best of the ranking that is not rejected.
  takeInUse(shot) {
    const chosen = this.state.chosen[shot.id];
    if (chosen && this.state.verdicts[chosen] !== "rejected" && this.takes.has(chosen)) return chosen;
    const order = this.order.get(shot.id) ?? [];
    return order.find((take) => this.state.verdicts[take] !== "rejected") ?? order[0] ?? shot.takes[0].id;
  }

  ranked(shot) {
    const rows = new Map(shot.ranking.map((row) => [row.take, row]));
    return this.order.get(shot.id).map((id) => ({ take: this.takes.get(id), row: rows.get(id) }));
  }

  nextWords(shot) { return shot.next; }

  seamsOf(shot) {
    const ids = new Set(shot.takes.map((take) => take.id));
    return this.session.seams.filter((seam) => ids.has(this.clips.get(seam.outgoing)?.take) || ids.has(this.clips.get(seam.incoming)?.take));
  }

  // The join before or behind the take that is open, or around the shot of a take that holds several.
  seamAt(mode) {
    const into = mode === "seam-in", { frame } = this.viewer ?? { frame: 0 };
    const own = this.session.clips.filter((clip) => clip.take === this.take.id);
    const clip = own.find((one) => frame >= one.source[0] && frame < one.source[1]) ?? own[into ? 0 : own.length - 1];
    if (!clip) return null;
    const place = this.session.seams.findIndex((seam) => (into ? seam.incoming : seam.outgoing) === clip.id);
    if (place < 0) return null;
    const seam = this.session.seams[place];
    return { seam, place, outgoing: this.clips.get(seam.outgoing), incoming: this.clips.get(seam.incoming) };
  }

  clipAt(take, frame) {
    const own = this.session.clips.filter((clip) => clip.take === take.id);
    return own.find((clip) => frame >= clip.source[0] && frame < clip.source[1]) ?? own[0];
  }

  inMaster(take) {
    const { master, rate } = this.session;
    return master && rate[0] === take.rate[0] && rate[1] === take.rate[1] && Boolean(this.clipAt(take, 0));
  }

  recordOf(take, frame) {
    const clip = this.clipAt(take, frame);
    return clip.record[0] + Math.max(0, Math.min(clip.source[1] - 1, frame) - clip.source[0]);
  }

  recordFrame(one, outgoing, incoming) {
    return one.into !== null ? incoming.record[0] + one.into - incoming.source[0] : outgoing.record[0] + one.out - outgoing.source[0];
  }

  findingGroups() {
    const seams = this.seamsOf(this.shot).filter((seam) => seam.findings.length || seam.undetermined.length || seam.repaired.length);
    const named = (seam) => `Seam ${seam.outgoing} → ${seam.incoming}${seam.repaired.length ? `, repaired: ${seam.repaired.join(", ")}` : ""}`;
    const toSeam = (seam) => () => {
      const own = this.clips.get(seam.incoming), into = own && this.shot.takes.some((take) => take.id === own.take);
      const clip = into ? own : this.clips.get(seam.outgoing);
      if (clip.take !== this.take.id) this.openTake(clip.take);
      this.goTo(into ? clip.source[0] : clip.source[1] - 1).then(() => this.setMode(into ? "seam-in" : "seam-out"));
    };
    return [
      { subject: this.take.file, title: `In take ${this.take.number}`, findings: this.take.findings, open: (finding) => this.openFinding(finding) },
      ...seams.map((seam) => ({ subject: seam.subject, title: named(seam), findings: seam.findings, open: toSeam(seam) })),
    ];
  }

  passes(finding, severity, check) { return atLeast(finding, severity) && (!check || finding.check === check); }

  openFinding(finding) {
    if (this.viewer.inSeam) this.setMode("take");
    this.openOne = finding;
    return this.goTo(finding.frames ? finding.frames[0] : 0);
  }

  nextFinding(direction) {
    const { severity, check } = this.shots.filters;
    const found = this.take.findings.filter((one) => one.frames && this.passes(one, severity, check)).sort((one, two) => one.frames[0] - two.frames[0]);
    const here = this.viewer.frame;
    const next = direction > 0 ? found.find((one) => one.frames[0] > here) ?? found[0] : found.findLast((one) => one.frames[0] < here) ?? found.at(-1);
    if (next) this.openFinding(next); else this.tell("No finding of this take has a place.");
  }

  waiveOpen() {
    const here = this.viewer.frame;
    const open = this.take.findings.filter((one) => one.severity !== "info" && !waiverOf(this.state, this.take.file, one));
    const found = open.find((one) => one === this.openOne) ?? open.find((one) => one.frames && here >= one.frames[0] && here < one.frames[1]) ?? open[0];
    if (found) this.waiving.open(this.take.file, found); else this.tell("Nothing is left to waive in this take.");
  }

  // `#caravan@f48` names a clip of the edit, as in the report; else a shot, or a take by its id.
  follow() {
    const match = /^#(.+?)(?:@f(\d+))?$/.exec(decodeURIComponent(location.hash));
    if (!match || location.hash === this.ownHash) return Boolean(match);
    const clip = this.clips.get(match[1]), shot = this.session.shots.find((one) => one.id === match[1]);
    const take = this.takes.has(match[1]) ? match[1] : clip?.take ?? (shot && this.takeInUse(shot));
    if (!take) return false;
    this.openTake(take, match[2] ? Number(match[2]) : clip ? clip.source[0] : 0);
    return true;
  }

  linkHere() {
    const name = this.clips.get(this.shot.id)?.take === this.take.id ? this.shot.id : this.take.id;
    this.ownHash = `#${encodeURIComponent(name)}@f${this.viewer.frame}`;
    history.replaceState(null, "", this.ownHash);
    this.placeNote();
  }

  // ---------------------------------------------------------------------------------------------------- transport

  get second() { return Math.round(fps(this.take.rate)); }
  setMode(mode) { this.viewer.setMode(mode); }
  goTo(frame) { return this.viewer.goTo(frame).then(() => this.linkHere()); }
  step(count) { this.viewer.step(count); this.linkHere(); }
  playStop() { this.viewer.playStop(); }
  shuttle(direction) { this.viewer.shuttle(direction); }
  toggleFull() { this.viewer.toggleFull(); }

  toggleLoop() {
    const { main } = this.viewer;
    main.looping = !main.looping;
    byId("loop").setAttribute("aria-pressed", String(main.looping));
  }

  toggleMute() {
    const { main, seam } = this.viewer;
    main.video.muted = seam.sound.muted = !main.video.muted;
    byId("mute").setAttribute("aria-pressed", String(main.video.muted));
  }

  mark(end) {
    if (this.viewer.inSeam) return;
    const { main, frame } = this.viewer, [start, stop] = main.bounds;
    const range = end ? [Math.min(start, frame), frame + 1] : [frame, stop > frame ? stop : this.take.frames];
    main.range = range;
    this.viewer.draw();
  }

  unmark() { this.viewer.main.range = null; this.viewer.draw(); }

  trim() {
    const { range } = this.viewer.main;
    if (!range && !this.state.trims[this.take.id]) { this.tell("Mark in and out first."); return; }
    this.send({ kind: "trim", take: this.take.id, start: range ? range[0] : null, stop: range ? range[1] : null });
  }

  // ---------------------------------------------------------------------------------------------------- decisions

  judge(verdict) {
    const now = this.state.verdicts[this.take.id] === verdict ? "none" : verdict;
    return this.send({ kind: "verdict", take: this.take.id, verdict: now });
  }

  choose(take) { return this.send({ kind: "choose", shot: this.shot.id, take }); }
  note(text) { return text ? this.send({ kind: "note", take: this.take.id, frame: this.viewer.frame, text }) : Promise.resolve(); }
  askRetake(wanted) { return this.send({ kind: "retake", shot: this.shot.id, wanted, beside: this.shot.takes.length }); }
  send(event) { return this.store.send(event).catch(() => undefined); }

  changed({ state, ranking }) {
    this.state = state;
    if (ranking) {
      for (const shot of this.session.shots) {
        Object.assign(shot, ranking[shot.id]);
        this.order.set(shot.id, shot.ranking.map((row) => row.take));
      }
    }
    this.shots.update();
    this.panels.draw();
    this.viewer.draw();
    this.tally();
  }

  status({ kind, words }) {
    const saved = byId("saved");
    saved.className = `saved ${kind}`;
    saved.textContent = words;
  }

  tell(words) { this.status({ kind: "told", words }); }

  placeNote() { byId("note-place").textContent = `f${this.viewer.frame}`; }

  tally() {
    const counts = { approved: 0, needs_work: 0, rejected: 0, "": 0 };
    for (const shot of this.session.shots) counts[this.state.verdicts[this.takeInUse(shot)] ?? ""] += 1;
    const parts = Object.entries(counts).filter(([, count]) => count).map(([verdict, count]) => make("span", { class: `count ${verdict || "open"}` }, `${count} ${verdictWords(verdict)}`));
    const asked = this.session.shots.filter((shot) => this.state.retakes[shot.id] === shot.takes.length).length;
    if (asked) parts.push(make("span", { class: "count" }, `${asked} retake${asked === 1 ? "" : "s"} asked for`));
    if (this.state.torn_lines) parts.push(make("span", { class: "count fail" }, `${this.state.torn_lines} line cut off by a crash`));
    fill(byId("tally"), ...parts);
  }
}

const embedded = JSON.parse(byId("session-data").textContent);
const app = new App(embedded === null ? new ServerStore() : new FileStore(embedded));
app.start().catch((error) => {
  byId("stage-words").textContent = error.message;
  byId("project").textContent = "The review cannot be opened";
});
