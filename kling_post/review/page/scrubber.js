// The time axis under the picture: findings, planned cuts, notes, in and out, and where we are.
import { fill, make } from "review/dom";
import { timecode } from "review/time";

export class Scrubber extends EventTarget {
  constructor(element) {
    super();
    this.element = element;
    this.frames = 1;
    this.head = make("i", { class: "head" });
    this.bands = make("div", { class: "bands" });
    element.append(this.bands, this.head);
    const at = (event) => {
      const box = this.bands.getBoundingClientRect();
      const share = Math.max(0, Math.min(0.999999, (event.clientX - box.left) / box.width));
      this.dispatchEvent(new CustomEvent("seek", { detail: Math.floor(share * this.frames) }));
    };
    element.addEventListener("pointerdown", (event) => { element.setPointerCapture(event.pointerId); at(event); });
    element.addEventListener("pointermove", (event) => { if (element.hasPointerCapture(event.pointerId)) at(event); });
  }

  // marks: findings [{ frames, severity, message }], cuts [{ frame, id }], notes [{ frame }], range [in, out] or null, trim or null.
  draw({ frames, rate, findings, cuts, notes, range, trim }) {
    Object.assign(this, { frames, rate });
    const percent = (frame) => `${(100 * frame) / frames}%`;
    const span = (kind, start, stop, title) => make("i", { class: kind, title, style: { left: percent(start), width: percent(Math.max(stop - start, frames / 300)) } });
    fill(
      this.bands,
      trim ? span("trim", 0, trim[0], "Not used") : null,
      trim ? span("trim", trim[1], frames, "Not used") : null,
      ...cuts.map((cut) => make("i", { class: "cut", title: `${cut.id} begins`, style: { left: percent(cut.frame) } })),
      ...findings.filter((one) => one.frames).map((one) => span(`found ${one.severity}`, one.frames[0], one.frames[1], `${one.check}: ${one.message}`)),
      ...notes.map((note) => make("i", { class: "pin", title: note.text, style: { left: percent(note.frame + 0.5) } })),
      range ? span("range", range[0], range[1], "In to out") : null,
    );
    this.element.setAttribute("aria-valuemax", frames - 1);
  }

  at(frame) {
    this.head.style.left = `${(100 * (frame + 0.5)) / this.frames}%`;
    this.element.setAttribute("aria-valuenow", frame);
    this.element.setAttribute("aria-valuetext", `frame ${frame}, ${timecode(frame, this.rate ?? [24, 1])}`);
  }
}
