// A seam as a loop: the last frames before the join and the first ones behind it, held in memory, so that nothing stutters between them.
import { fps, secondsOf } from "review/time";

export const EACH_SIDE = 12;

// Which frames of which clip are seen: [{ frame of outgoing or null, frame of incoming or null, share of incoming }].
export function seamFrames(outgoing, incoming) {
  const overlap = incoming.dissolve;
  const before = Math.min(EACH_SIDE, outgoing.source[1] - outgoing.source[0] - overlap);
  const behind = Math.min(EACH_SIDE, incoming.source[1] - incoming.source[0] - overlap);
  const list = [];
  for (let place = before; place > 0; place -= 1) list.push({ out: outgoing.source[1] - overlap - place, into: null, share: 0 });
  for (let place = 0; place < overlap; place += 1) {
    list.push({ out: outgoing.source[1] - overlap + place, into: incoming.source[0] + place, share: (place + 1) / (overlap + 1) });
  }
  for (let place = 0; place < behind; place += 1) list.push({ out: null, into: incoming.source[0] + overlap + place, share: 1 });
  return list;
}

async function grab(url, rate, frames) {
  const video = document.createElement("video");
  video.muted = true;
  video.preload = "auto";
  video.src = url;
  await new Promise((resolve, reject) => {
    video.addEventListener("loadeddata", resolve, { once: true });
    video.addEventListener("error", () => reject(new Error("The proxy cannot be played.")), { once: true });
  });
  const pictures = new Map();
  for (const frame of frames) {
    await new Promise((resolve) => {
      video.addEventListener("seeked", resolve, { once: true });
      video.currentTime = secondsOf(frame, rate);
    });
    pictures.set(frame, await createImageBitmap(video));
  }
  video.removeAttribute("src");
  video.load();
  return pictures;
}

export class SeamLoop extends EventTarget {
  constructor(canvas) {
    super();
    this.canvas = canvas;
    this.sound = new Audio();
    this.sound.loop = true;
    this.list = [];
    this.place = 0;
    this.playing = false;
    this.turn = 0;
  }

  get ready() { return this.list.length > 0; }

  // outgoing and incoming: { clip, url, rate }; sound: a WAV of exactly these frames, or null.
  async load(outgoing, incoming, sound) {
    this.clear();
    const turn = this.turn;
    const list = seamFrames(outgoing.clip, incoming.clip);
    const wanted = (side) => list.map((one) => one[side]).filter((frame) => frame !== null);
    const [out, into] = [await grab(outgoing.url, outgoing.rate, wanted("out")), await grab(incoming.url, incoming.rate, wanted("into"))];
    if (turn !== this.turn) { for (const one of [...out.values(), ...into.values()]) one.close(); return false; }
    this.rate = outgoing.rate;
    this.list = list.map((one) => ({ ...one, outPicture: out.get(one.out), intoPicture: into.get(one.into) }));
    const first = [...out.values(), ...into.values()].reduce((widest, one) => (one.width > widest.width ? one : widest));
    Object.assign(this.canvas, { width: first.width, height: first.height });
    if (sound !== null) this.sound.src = sound;
    this.draw(0);
    return true;
  }

  clear() {
    this.turn += 1;
    this.pause();
    for (const one of this.list) { one.outPicture?.close(); one.intoPicture?.close(); }
    this.list = [];
    this.place = 0;
    this.sound.removeAttribute("src");
  }

  draw(place) {
    if (!this.ready) return;
    this.place = ((place % this.list.length) + this.list.length) % this.list.length;
    const one = this.list[this.place], { width, height } = this.canvas;
    const context = this.canvas.getContext("2d");
    const fit = (picture) => {
      const scale = Math.min(width / picture.width, height / picture.height);
      context.drawImage(picture, (width - picture.width * scale) / 2, (height - picture.height * scale) / 2, picture.width * scale, picture.height * scale);
    };
    context.globalAlpha = 1;
    context.fillStyle = "#000";
    context.fillRect(0, 0, width, height);
    if (one.outPicture) fit(one.outPicture);
    if (one.intoPicture) { context.globalAlpha = one.outPicture ? one.share : 1; fit(one.intoPicture); }
    this.dispatchEvent(new Event("frame"));
  }

  async play() {
    if (!this.ready || this.playing) return;
    this.playing = true;
    this.dispatchEvent(new Event("speed"));
    const from = this.place, sounding = this.sound.hasAttribute("src");
    if (sounding) {
      this.sound.currentTime = from / fps(this.rate);
      await this.sound.play().catch(() => undefined);
    }
    const began = performance.now();
    const turn = (now) => {
      if (!this.playing) return;
      // The sound is the clock where there is one: the join is heard at the very frame where it is seen.
      const heard = sounding && !this.sound.paused;
      const place = heard ? this.sound.currentTime * fps(this.rate) : from + (Math.max(0, now - began) / 1000) * fps(this.rate);
      const whole = Math.floor(place + 1e-6) % this.list.length;
      if (whole !== this.place) this.draw(whole);
      requestAnimationFrame(turn);
    };
    requestAnimationFrame(turn);
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    this.sound.pause();
    this.dispatchEvent(new Event("speed"));
  }

  step(count) { this.pause(); this.draw(this.place + count); }
}
