// Frames are whole numbers at a rate of [numerator, denominator]; seconds exist only where a media element asks for them.

export const fps = (rate) => rate[0] / rate[1];

// The middle of a frame: a rounding error at its edge must not show the one before.
export const secondsOf = (frame, rate) => ((frame + 0.5) * rate[1]) / rate[0];

export const frameAt = (seconds, rate, frames) => Math.max(0, Math.min(frames - 1, Math.floor((seconds * rate[0]) / rate[1] + 1e-6)));

export function timecode(frame, rate, first = 0) {
  const base = Math.round(fps(rate)), total = frame + first;
  const two = (value) => String(Math.floor(value)).padStart(2, "0");
  const seconds = Math.floor(total / base);
  return `${two((seconds / 3600) % 24)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}:${String(total % base).padStart(base > 100 ? 3 : 2, "0")}`;
}

export function framesOf(text, rate) {
  const [hours, minutes, seconds, frames] = text.split(/[:;]/).map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * Math.round(fps(rate)) + frames;
}
