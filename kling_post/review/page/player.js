// One take in one video element, by frames.
import { fps, frameAt, secondsOf } from "review/time";

const SPEEDS = [1, 2, 4, 8];

export class Player extends EventTarget {
  constructor(video) {
    super();
    this.video = video;
    this.rate = [24, 1];
    this.frames = 1;
    this.frame = 0; // the frame that is seen
    this.speed = 0; // 0 stopped, negative backwards
    this.range = null; // [start, stop) that loops
    this.looping = true;
    this.ready = false;
    this.speedWhenReady = 0;
    this.turning = false; // at the end of a loop, before it begins again
    this.wanted = null; // a frame asked for while a seek is under way
    this.asked = null; // the frame of the seek under way
    this.settled = [];
    video.addEventListener("seeked", () => this.arrived());
    video.addEventListener("loadeddata", () => this.loaded());
    video.addEventListener("ended", () => this.atEnd());
    video.addEventListener("error", () => this.dispatchEvent(new Event("broken")));
    this.watch();
  }

  loaded() {
    this.ready = true;
    this.dispatchEvent(new Event("ready"));
    const speed = this.speedWhenReady;
    this.speedWhenReady = 0;
    this.goTo(this.wanted ?? this.frame).then(() => { if (speed) this.play(speed); });
  }

  load(url, rate, frames, frame = 0) {
    this.stop();
    this.release();
    Object.assign(this, { rate, frames, frame: Math.min(frame, frames - 1), range: null, ready: false, wanted: null, asked: null, speedWhenReady: 0 });
    if (url === null) { this.video.removeAttribute("src"); this.video.load(); return; }
    this.video.src = url;
  }

  get bounds() { return this.range ?? [0, this.frames]; }

  // Every picture that the browser shows says which one it is.
  watch() {
    if (!("requestVideoFrameCallback" in this.video)) { this.video.addEventListener("timeupdate", () => this.seen(this.video.currentTime)); return; }
    const next = (_, shown) => { this.seen(shown.mediaTime + 1e-4); this.video.requestVideoFrameCallback(next); };
    this.video.requestVideoFrameCallback(next);
  }

  seen(seconds) {
    if (this.asked !== null || this.turning) return;
    const frame = frameAt(seconds, this.rate, this.frames);
    if (this.speed > 0 && frame >= this.bounds[1] - 1) { this.show(Math.min(frame, this.bounds[1] - 1)); this.atEnd(); return; }
    if (this.speed > 0) this.show(frame);
  }

  show(frame) {
    this.frame = frame;
    this.dispatchEvent(new Event("frame"));
  }

  // Resolves when the frame is on the screen; of several asked for in haste only the last is shown.
  goTo(frame) {
    const target = Math.max(0, Math.min(this.frames - 1, frame));
    const done = new Promise((resolve) => this.settled.push(resolve));
    if (!this.ready || this.asked !== null) { this.wanted = target; if (!this.ready) this.show(target); return done; }
    this.wanted = null;
    this.asked = target;
    this.video.currentTime = secondsOf(target, this.rate);
    return done;
  }

  arrived() {
    if (this.asked === null) return;
    const shown = this.asked;
    this.asked = null;
    this.show(shown);
    if (this.wanted !== null && this.wanted !== shown) { this.goTo(this.wanted); return; }
    this.wanted = null;
    this.release();
  }

  release() { for (const resolve of this.settled.splice(0)) resolve(this.frame); }

  step(count) { this.stop(); return this.goTo((this.wanted ?? this.asked ?? this.frame) + count); }

  async play(speed = 1) {
    this.stop();
    if (!this.ready) { this.speedWhenReady = speed; return; }
    const [start, stop] = this.bounds;
    if (speed > 0 && (this.frame >= stop - 1 || this.frame < start)) await this.goTo(start);
    if (speed < 0 && (this.frame <= start || this.frame >= stop)) await this.goTo(stop - 1);
    this.speed = speed;
    this.dispatchEvent(new Event("speed"));
    if (speed < 0) { this.backwards(); return; }
    this.video.playbackRate = speed;
    this.video.play().catch(() => this.stop());
  }

  // No browser plays backwards: the frames are shown one by one, by the clock.
  backwards() {
    const began = performance.now(), from = this.frame;
    const turn = (now) => {
      if (this.speed >= 0) return;
      const target = from + Math.ceil(((now - began) / 1000) * this.speed * fps(this.rate));
      const [start] = this.bounds;
      if (target <= start) { this.goTo(start).then(() => { if (this.speed < 0) this.looping ? this.play(this.speed) : this.stop(); }); return; }
      if (this.asked === null) this.goTo(target);
      requestAnimationFrame(turn);
    };
    requestAnimationFrame(turn);
  }

  atEnd() {
    if (this.speed <= 0 || this.turning) return;
    if (!this.looping) { const last = this.bounds[1] - 1; this.stop(); this.goTo(last); return; }
    const speed = this.speed, { video } = this;
    // The last picture stands as long as any other before the first one comes again.
    video.pause();
    this.turning = true;
    setTimeout(() => {
      this.turning = false;
      if (this.speed !== speed) return;
      this.goTo(this.bounds[0]).then(() => { if (this.speed === speed) video.play().catch(() => this.stop()); });
    }, 1000 / fps(this.rate) / speed);
  }

  stop() {
    if (this.speed === 0) return;
    this.speed = 0;
    this.video.pause();
    this.dispatchEvent(new Event("speed"));
    // The picture that is on the screen, not the instant a few milliseconds on; where a seek is under way, the one that it brings.
    this.goTo(this.asked ?? this.frame).then(() => { if (this.speed === 0) this.dispatchEvent(new Event("speed")); });
  }

  shuttle(direction) {
    const index = SPEEDS.indexOf(Math.abs(this.speed));
    const same = Math.sign(this.speed) === direction;
    this.play(direction * (same ? SPEEDS[Math.min(index + 1, SPEEDS.length - 1)] : 1));
  }
}
