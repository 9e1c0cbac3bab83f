// Every key of the page in one table: it works them and it explains them.
import { byId, fill, make } from "review/dom";

const KEYS = [
  [["Space", "K"], "Play or stop", (app) => app.playStop()],
  [["L"], "Play; again for 2, 4, 8 times", (app) => app.shuttle(1)],
  [["J"], "Play backwards; again for faster", (app) => app.shuttle(-1)],
  [["ArrowLeft"], "One frame back", (app) => app.step(-1)],
  [["ArrowRight"], "One frame on", (app) => app.step(1)],
  [["Shift+ArrowLeft"], "One second back", (app) => app.step(-app.second)],
  [["Shift+ArrowRight"], "One second on", (app) => app.step(app.second)],
  [["Home"], "First frame", (app) => app.goTo(0)],
  [["End"], "Last frame", (app) => app.goTo(app.take.frames - 1)],
  [["I"], "Mark in", (app) => app.mark(0)],
  [["O"], "Mark out", (app) => app.mark(1)],
  [["X"], "Clear in and out", (app) => app.unmark()],
  [["E"], "Use in to out in the edit", (app) => app.trim()],
  [["Q"], "Loop", (app) => app.toggleLoop()],
  [["ArrowDown"], "Next shot", (app) => app.nextShot(1)],
  [["ArrowUp"], "Shot before", (app) => app.nextShot(-1)],
  [["]"], "Next take of the shot", (app) => app.nextTake(1)],
  [["["], "Take before", (app) => app.nextTake(-1)],
  [["F"], "Next finding", (app) => app.nextFinding(1)],
  [["Shift+F"], "Finding before", (app) => app.nextFinding(-1)],
  [["T"], "The take alone", (app) => app.setMode("take")],
  [["B"], "Two takes side by side", (app) => app.setMode("beside")],
  [["V"], "Wipe between two takes", (app) => app.setMode("wipe")],
  [["S"], "Loop the seam into the shot", (app) => app.setMode("seam-in")],
  [["D"], "Loop the seam out of the shot", (app) => app.setMode("seam-out")],
  [["A"], "Approve", (app) => app.judge("approved")],
  [["W"], "Needs work", (app) => app.judge("needs_work")],
  [["R"], "Reject", (app) => app.judge("rejected")],
  [["C"], "Use this take", (app) => app.choose(app.take.id)],
  [["G"], "Waive the finding that is open", (app) => app.waiveOpen()],
  [["N"], "Write a note at this frame", () => byId("note-text").focus()],
  [["M"], "Sound off", (app) => app.toggleMute()],
  [["P"], "This frame in full size", (app) => app.toggleFull()],
  [["?"], "These keys", () => byId("help").showModal()],
];

const nameOf = (event) => {
  const key = event.key === " " ? "Space" : event.key.length === 1 ? event.key.toUpperCase() : event.key;
  return event.shiftKey && /^([A-Z]|Arrow.*)$/.test(key) ? `Shift+${key}` : key;
};

const SHOWN = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };
const shown = (key) => key.replace(/Arrow\w+/, (arrow) => SHOWN[arrow]).replace("Shift+", "⇧ ");

export function startKeys(app) {
  const actions = new Map(KEYS.flatMap(([keys, , act]) => keys.map((key) => [key, act])));
  fill(byId("help-keys"), ...KEYS.flatMap(([keys, words]) => [make("dt", {}, ...keys.map((key) => make("kbd", {}, shown(key)))), make("dd", {}, words)]));
  byId("help-open").addEventListener("click", () => byId("help").showModal());
  const on = byId("keys-on");
  // Whoever dictates, or types with a tremor, can switch single keys off.
  try { on.checked = localStorage.getItem("kling_post_review keys") !== "off"; } catch { /* no storage here */ }
  on.addEventListener("change", () => { try { localStorage.setItem("kling_post_review keys", on.checked ? "on" : "off"); } catch { /* kept for this page */ } });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const target = event.target;
    if (target.closest("input:not([type=radio],[type=checkbox]), textarea, select")) return;
    const name = nameOf(event);
    if ((name === "Space" || name === "Enter") && target.closest("button, summary, a, input")) return;
    if (/^Arrow/.test(event.key) && target.closest("input")) return;
    const act = actions.get(name);
    if (!act || (!on.checked && event.key.length === 1 && !target.closest(".viewer"))) return;
    event.preventDefault();
    act(app);
  });
}
