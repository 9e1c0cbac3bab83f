// The stage: one take, two takes, a wipe, or a seam, all stepped by the same keys.
import { byId, fill, make } from "review/dom";
import { Player } from "review/player";
import { SeamLoop } from "review/seam";
import { Scrubber } from "review/scrubber";
import { timecode } from "review/time";

const REPAIRED = "repaired-";
const MASTER = "master";
export const MODES = [["take", "Take"], ["beside", "Side by side"], ["wipe", "Wipe"], ["seam-in", "Seam in"], ["seam-out", "Seam out"]];

export class Viewer {
  constructor(app) {
    this.app = app;
    this.mode = "take";
    this.main = new Player(byId("video-a"));
    this.other = new Player(byId("video-b"));
    this.seam = new SeamLoop(byId("seam-picture"));
    this.scrubber = new Scrubber(byId("scrubber"));
    this.otherKey = null;
    this.seamEnds = null;
    this.main.addEventListener("frame", () => this.tell());
    this.main.addEventListener("speed", () => this.follow());
    for (const player of [this.main, this.other]) player.addEventListener("broken", () => this.say("This proxy cannot be played here."));
    this.main.addEventListener("ready", () => this.say(""));
    this.seam.addEventListener("frame", () => this.tell());
    this.seam.addEventListener("speed", () => this.tellSpeed());
    this.scrubber.addEventListener("seek", (event) => { this.pause(); this.goTo(event.detail); });
    byId("wipe").addEventListener("input", () => this.wipe());
    this.wipeByHand(byId("stage"));
    this.compare = make("select", { id: "compare", "aria-label": "Compare with", on: { change: () => this.loadOther(this.compare.value) } });
    fill(byId("modes"), ...MODES.map(([mode, words]) => make("button", { type: "button", "data-mode": mode, "aria-pressed": "false", on: { click: () => this.setMode(mode) } }, words)), this.compare);
    this.wipe();
  }

  get inSeam() { return this.mode.startsWith("seam"); }
  get comparing() { return this.mode === "beside" || this.mode === "wipe"; }
  get frame() { return this.main.wanted ?? this.main.asked ?? this.main.frame; }
  get playing() { return this.inSeam ? this.seam.playing : this.main.speed !== 0; }

  say(words) { byId("stage-words").textContent = words; }

  // Show a take from a frame on; its proxy may still have to be made.
  open(take, frame = 0) {
    this.take = take;
    this.hideFull();
    this.main.load(this.url(take.id), take.rate, take.frames, frame);
    this.say(this.waitingWords(take.id));
    byId("tag-a").textContent = `take ${take.number}`;
    this.fillCompare();
    this.enter();
  }

  url(key) { return this.app.proxies[key]?.state === "ready" ? this.app.store.mediaUrl(key) : null; }

  waitingWords(key) {
    const proxy = this.app.proxies[key];
    if (!proxy || proxy.state === "failed") return `No proxy could be made: ${proxy?.why ?? "there is none in this folder."}`;
    return proxy.state === "ready" ? "" : proxy.state === "making" ? `Making a light copy: ${Math.round(100 * proxy.done)} %` : "Waiting for a light copy";
  }

  // Called whenever the server was asked how far the proxies are.
  proxiesChanged() {
    if (!this.take) return;
    if (!this.main.video.hasAttribute("src")) {
      const url = this.url(this.take.id);
      if (url) this.main.load(url, this.take.rate, this.take.frames, this.main.frame);
      this.say(this.waitingWords(this.take.id));
    }
    if (this.comparing && this.otherKey && !this.other.video.hasAttribute("src")) this.loadOther(this.otherKey);
    if (this.inSeam && !this.seam.ready) this.enter();
  }

  // ---------------------------------------------------------------------------------------------------------- modes

  setMode(mode) {
    if (this.comparing || ["beside", "wipe"].includes(mode)) this.hideFull();
    if (["beside", "wipe"].includes(mode) && !this.compare.options.length) { this.app.tell("There is nothing to compare this take with."); return; }
    if (mode.startsWith("seam") && !this.app.seamAt(mode)) { this.app.tell(mode === "seam-in" ? "Nothing stands before this shot, or this take is not in the edit." : "Nothing comes after this shot, or this take is not in the edit."); return; }
    this.pause();
    this.mode = mode;
    this.enter();
  }

  enter() {
    if (this.inSeam && !this.app.seamAt(this.mode)) this.mode = "take";
    if (this.comparing && !this.compare.options.length) this.mode = "take";
    byId("stage").dataset.mode = this.mode;
    byId("wipe-field").hidden = this.mode !== "wipe";
    this.compare.hidden = !this.comparing;
    for (const button of byId("modes").querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.mode === this.mode));
    if (this.comparing) this.loadOther(this.compare.value);
    else { this.other.load(null, [24, 1], 1); this.otherKey = null; }
    if (this.inSeam) this.loadSeam(); else { this.seam.clear(); this.seamEnds = null; }
    this.app.panels?.findings();
    this.draw();
    this.tell();
  }

  fillCompare() {
    const { take, shot } = this.app;
    const others = shot.takes.filter((one) => one.id !== take.id).map((one) => [one.id, `with take ${one.number}`]);
    // The finished programme shows what repairs and conforming made of the take.
    if (this.app.inMaster(take)) others.push([MASTER, "with the master"]);
    if (take.repaired) others.unshift([`${REPAIRED}${take.id}`, "with its repair"]);
    fill(this.compare, ...others.map(([key, words]) => make("option", { value: key }, words)));
  }

  loadOther(key) {
    this.otherKey = key;
    const other = this.app.shot.takes.find((one) => one.id === key.replace(REPAIRED, "")) ?? this.take;
    byId("tag-b").textContent = key === MASTER ? "master" : key.startsWith(REPAIRED) ? "repaired" : `take ${other.number}`;
    const [rate, frames] = key === MASTER ? [this.app.session.rate, this.app.session.frames] : [other.rate, other.frames];
    const url = this.url(key);
    if (!url) { this.app.store.want(key); this.say(this.waitingWords(key)); this.other.load(null, rate, frames); return; }
    this.say("");
    this.other.load(url, rate, frames, this.otherFrame(this.frame));
  }

  // The frame of the second picture that stands for a frame of the first.
  otherFrame(frame) { return this.otherKey === MASTER ? this.app.recordOf(this.take, frame) : frame; }

  async loadSeam() {
    const { seam, place, outgoing, incoming } = this.app.seamAt(this.mode);
    const side = (clip) => ({ clip, take: this.app.takes.get(clip.take), url: this.url(clip.take), rate: this.app.takes.get(clip.take).rate });
    const [out, into] = [side(outgoing), side(incoming)];
    this.seamEnds = { out, into, seam };
    const missing = [out, into].find((one) => !one.url);
    if (missing) { this.app.store.want(missing.take.id); this.say(this.waitingWords(missing.take.id)); return; }
    this.say("Reading the seam");
    const sounding = out.take.sound || into.take.sound;
    try {
      if (await this.seam.load(out, into, sounding ? this.app.store.seamSoundUrl(place) : null)) { this.say(""); this.seam.sound.muted = this.main.video.muted; this.seam.play(); }
    } catch (error) { this.say(error.message); }
  }

  wipeByHand(stage) {
    const drag = (event) => {
      const box = stage.getBoundingClientRect();
      byId("wipe").value = (100 * (event.clientX - box.left)) / box.width;
      this.wipe();
    };
    stage.addEventListener("pointerdown", (event) => { if (this.mode === "wipe") { stage.setPointerCapture(event.pointerId); drag(event); } });
    stage.addEventListener("pointermove", (event) => { if (stage.hasPointerCapture(event.pointerId)) drag(event); });
  }

  wipe() { byId("stage").style.setProperty("--wipe", `${byId("wipe").value}%`); }

  // ----------------------------------------------------------------------------------------------------- transport

  goTo(frame) {
    this.hideFull();
    if (this.inSeam) { this.seam.pause(); this.seam.draw(frame); return Promise.resolve(); }
    if (this.comparing) this.other.goTo(this.otherFrame(frame));
    return this.main.goTo(frame);
  }

  step(count) {
    this.hideFull();
    if (this.inSeam) { this.seam.step(count); return; }
    this.main.step(count);
    if (this.comparing) { this.other.stop(); this.other.goTo(this.otherFrame(this.frame)); }
  }

  playStop() {
    this.hideFull();
    if (this.inSeam) { if (this.seam.playing) this.seam.pause(); else this.seam.play(); return; }
    if (this.main.speed) this.main.stop(); else this.main.play(1);
  }

  shuttle(direction) {
    this.hideFull();
    if (this.inSeam) { this.seam.play(); return; }
    this.main.shuttle(direction);
  }

  pause() { if (this.inSeam) this.seam.pause(); else this.main.stop(); }

  // The second picture follows the first one: together where it plays, to the same frame where it stands.
  follow() {
    this.tellSpeed();
    if (!this.comparing) return;
    const { main, other } = this;
    if (main.speed > 0) { other.range = null; other.looping = false; other.goTo(this.otherFrame(main.frame)).then(() => { if (main.speed > 0) { other.video.playbackRate = main.speed; other.speed = main.speed; other.video.play().catch(() => undefined); } }); }
    else { other.speed = 0; other.video.pause(); other.goTo(this.otherFrame(main.frame)); }
  }

  keepTogether() {
    const { main, other } = this;
    if (!this.comparing || !other.ready) return;
    const wanted = this.otherFrame(main.frame);
    if (main.speed < 0) other.goTo(wanted);
    if (main.speed <= 0 || Math.abs(other.frame - wanted) <= 1 || other.asked !== null) return;
    other.speed = main.speed;
    other.goTo(wanted + 1).then(() => { if (main.speed > 0 && other.video.paused) other.video.play().catch(() => undefined); });
  }

  // -------------------------------------------------------------------------------------------- the frame in full size

  toggleFull() {
    const image = byId("full-frame");
    if (!image.hidden) { this.hideFull(); return; }
    const url = this.inSeam ? null : this.app.store.stillUrl(this.take.id, this.main.frame, true);
    if (url === null) { this.app.tell(this.app.store.isStatic ? "Full frames need the local server." : "Full frames are of takes, not of seams."); return; }
    this.pause();
    this.say("Decoding the frame in full size");
    image.onload = () => { this.say(""); image.hidden = false; byId("full").setAttribute("aria-pressed", "true"); };
    image.onerror = () => this.say("This frame cannot be decoded.");
    image.alt = `Frame ${this.main.frame} of take ${this.take.number} in full size`;
    image.src = url;
  }

  hideFull() {
    const image = byId("full-frame");
    if (image.hidden) return;
    image.hidden = true;
    image.removeAttribute("src");
    byId("full").setAttribute("aria-pressed", "false");
  }

  // -------------------------------------------------------------------------------------------------------- telling

  draw() {
    const { take } = this, { state } = this.app;
    const trim = state.trims[take.id] ?? null;
    this.scrubber.draw({
      frames: take.frames, rate: take.rate, findings: take.findings, trim, range: this.main.range,
      cuts: take.planned.slice(1).map(([id, frame]) => ({ id, frame })),
      notes: state.notes.filter((note) => note.take === take.id),
    });
    const { range } = this.main;
    const parts = [];
    if (range) parts.push(`In f${range[0]}, out f${range[1] - 1}: ${range[1] - range[0]} frames`);
    if (trim) parts.push(`The edit uses f${trim[0]} to f${trim[1] - 1}`);
    const more = range ? make("button", { type: "button", class: "quiet", on: { click: () => this.app.trim() } }, "Use in to out in the edit") : trim ? make("button", { type: "button", class: "quiet", on: { click: () => this.app.trim() } }, "Use all of it") : null;
    fill(byId("marks"), parts.join(" · "), " ", more);
  }

  tell() {
    const { take } = this;
    if (!take) return;
    this.keepTogether();
    if (this.inSeam && this.seam.ready && this.seamEnds) { this.tellSeam(); return; }
    const { frame } = this.main;
    byId("timecode").textContent = timecode(frame, take.rate);
    byId("frame").textContent = `f${frame} of ${take.frames}`;
    this.scrubber.at(frame);
    const found = take.findings.find((one) => one.area && one.frames && frame >= one.frames[0] && frame < one.frames[1]);
    const area = byId("area");
    area.hidden = !found || this.playing;
    if (found) { const [left, top, right, bottom] = found.area; Object.assign(area.style, { left: `${100 * left}%`, top: `${100 * top}%`, width: `${100 * (right - left)}%`, height: `${100 * (bottom - top)}%` }); }
  }

  tellSeam() {
    const { list, place, rate } = this.seam, one = list[place], { out, into } = this.seamEnds;
    byId("timecode").textContent = timecode(this.app.recordFrame(one, out.clip, into.clip), rate, this.app.firstFrame);
    const parts = [one.out !== null ? `${out.clip.id} f${one.out}` : null, one.into !== null ? `${into.clip.id} f${one.into}` : null];
    byId("frame").textContent = `${place + 1} of ${list.length}: ${parts.filter(Boolean).join(" + ")}`;
    this.scrubber.draw({ frames: list.length, rate, findings: [], trim: null, range: null, notes: [], cuts: [{ id: into.clip.id, frame: list.findIndex((each) => each.into !== null) }] });
    this.scrubber.at(place);
  }

  tellSpeed() {
    const { speed } = this.main, playing = this.playing;
    byId("play").setAttribute("aria-label", playing ? "Stop" : "Play");
    byId("play").classList.toggle("playing", playing);
    byId("speed").textContent = !this.inSeam && speed && speed !== 1 ? `${speed}×` : "";
    if (!this.inSeam && !playing) this.app.linkHere();
  }
}
