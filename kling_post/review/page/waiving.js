// The dialog in which a finding is waived: a reason and a last day, or no waiver.
import { byId, fill } from "review/dom";
import { place } from "review/findings";

const DAYS = 90;

export class Waiving {
  constructor(app) {
    this.app = app;
    this.dialog = byId("waive-dialog");
    byId("waive-cancel").addEventListener("click", () => this.dialog.close());
    byId("waive-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const reason = byId("waive-reason").value.trim();
      if (!reason) { byId("waive-reason").reportValidity(); return; }
      const { subject, finding } = this;
      app.send({ kind: "waive", subject, check: finding.check, frames: finding.frames, reason, expires: byId("waive-expires").value }).then(() => this.dialog.close());
    });
  }

  open(subject, finding) {
    Object.assign(this, { subject, finding });
    fill(byId("waive-words"), `${finding.check}, ${place(finding)}: ${finding.message}`);
    byId("waive-reason").value = "";
    const day = (from) => new Date(Date.now() + from * 86_400_000).toISOString().slice(0, 10);
    Object.assign(byId("waive-expires"), { value: day(DAYS), min: day(0) });
    this.dialog.showModal();
    byId("waive-reason").focus();
  }
}
