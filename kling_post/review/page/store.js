// Where verdicts go: to the server, which has them on the disk before it answers; or, in a static folder, to this browser until they
// are downloaded.

const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const RETRY_MS = 2000;

class Store extends EventTarget {
  say(kind, words) { this.dispatchEvent(new CustomEvent("status", { detail: { kind, words } })); }
  changed(state, ranking) { this.dispatchEvent(new CustomEvent("change", { detail: { state, ranking } })); }
}

export class ServerStore extends Store {
  constructor() {
    super();
    this.waiting = [];
    this.sending = false;
    addEventListener("beforeunload", (event) => { if (this.waiting.length) event.preventDefault(); });
  }

  get isStatic() { return false; }

  async open() {
    const answer = await fetch("/api/session");
    if (!answer.ok) throw new Error(answer.status === 422 ? (await answer.json()).error : await answer.text());
    return answer.json();
  }

  mediaUrl(key) { return `/media/${encodeURIComponent(key)}.mp4`; }
  stillUrl(key, frame, full = false) { return `/stills/${encodeURIComponent(key)}/${frame}.webp${full ? "?full=1" : ""}`; }
  seamSoundUrl(place) { return `/seams/${place}.wav`; }

  async proxies() { return (await fetch("/api/proxies")).json(); }
  async want(key) { return (await fetch(`/api/proxies/${encodeURIComponent(key)}`, { method: "POST" })).json(); }

  send(event) {
    return new Promise((resolve, reject) => {
      this.waiting.push({ event: { id: newId(), ...event }, resolve, reject });
      this.work();
    });
  }

  async work() {
    if (this.sending) return;
    this.sending = true;
    while (this.waiting.length) {
      const { event, resolve, reject } = this.waiting[0];
      this.say("saving", "Saving");
      let answer;
      try {
        answer = await fetch("/api/events", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(event) });
        if (answer.status === 507 || answer.status >= 500) throw new Error((await answer.json().catch(() => ({}))).error ?? "The server failed.");
      } catch (error) {
        // The same event with the same id is sent again until it is on the disk; it counts once.
        this.say("failed", `Not saved yet: ${error instanceof TypeError ? "the server does not answer" : error.message}. Trying again.`);
        await new Promise((wait) => setTimeout(wait, RETRY_MS));
        continue;
      }
      this.waiting.shift();
      if (answer.ok) {
        const { state, ranking } = await answer.json();
        this.say("saved", `Saved ${new Date().toLocaleTimeString()}`);
        this.changed(state, ranking);
        resolve();
      } else {
        const words = (await answer.text()).replace(/^\{"error":"(.*)"\}$/s, "$1");
        this.say("failed", `Refused: ${words}`);
        reject(new Error(words));
      }
    }
    this.sending = false;
  }
}

export class FileStore extends Store {
  constructor(data) {
    super();
    this.data = data;
    this.key = `kling_post_review ${data.key}`;
    let kept = null;
    try { kept = localStorage.getItem(this.key); } catch { /* no storage here: the download is all there is */ }
    this.events = kept ? JSON.parse(kept) : [];
    this.reviewer = "";
    this.unsaved = false;
    addEventListener("beforeunload", (event) => { if (this.unsaved) event.preventDefault(); });
  }

  get isStatic() { return true; }
  async open() { return { ...this.data, state: fold(this.data.state, this.events) }; }
  mediaUrl(key) { return this.data.media[key]; }
  stillUrl(key, frame, full = false) { return full ? null : (this.data.stills[key] ?? null); }
  seamSoundUrl(place) { return this.data.seam_sounds[place] ?? null; }
  async proxies() { return this.data.proxies; }
  async want() { return this.data.proxies; }

  async send(event) {
    this.events.push({ id: newId(), at: new Date().toISOString(), by: this.reviewer, ...event });
    try { localStorage.setItem(this.key, JSON.stringify(this.events)); this.say("kept", "Kept in this browser. Download when done."); }
    catch { this.unsaved = true; this.say("failed", "Only in this page. Download before you close it."); }
    this.changed(fold(this.data.state, this.events), null);
  }

  download(name) {
    const lines = this.events.map((event) => `${JSON.stringify(event)}\n`).join("");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([lines], { type: "application/jsonl" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    this.unsaved = false;
    this.say("saved", `Downloaded ${this.events.length} event${this.events.length === 1 ? "" : "s"}`);
  }
}

// The same rules as the server's: the later word above the earlier.
export function fold(begin, events) {
  const state = structuredClone(begin);
  const put = (values, key, value) => { if (value === null) delete values[key]; else values[key] = value; };
  for (const event of events) {
    switch (event.kind) {
      case "verdict": put(state.verdicts, event.take, event.verdict === "none" ? null : event.verdict); break;
      case "choose": put(state.chosen, event.shot, event.take); break;
      case "trim": put(state.trims, event.take, event.start === null ? null : [event.start, event.stop]); break;
      case "retake": put(state.retakes, event.shot, event.wanted ? event.beside : null); break;
      case "note": state.notes.push(event); break;
      case "note_removed": state.notes = state.notes.filter((note) => note.id !== event.note); break;
      case "waive": state.waivers.push(event); break;
      case "waiver_removed": state.waivers = state.waivers.filter((waiver) => waiver.id !== event.waiver); break;
    }
    state.events += 1;
  }
  return state;
}
