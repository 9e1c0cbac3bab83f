// What was found, as values: order, filters, waivers.

const ORDER = ["fail", "review", "info"];

export function worst(findings) {
  return ["fail", "review"].map((severity) => [severity, findings.filter((one) => one.severity === severity).length]).filter(([, count]) => count);
}

export const atLeast = (finding, severity) => !severity || ORDER.indexOf(finding.severity) <= ORDER.indexOf(severity);

export const sameFrames = (one, two) => (one === null || two === null ? one === two : one[0] === two[0] && one[1] === two[1]);

// The waiver that covers a finding of a subject: its own frames, or all findings of the check.
export function waiverOf(state, subject, finding) {
  return state.waivers.find((waiver) => waiver.subject === subject && waiver.check === finding.check
    && (waiver.frames === null || (finding.frames !== null && waiver.frames[0] <= finding.frames[0] && finding.frames[1] <= waiver.frames[1])));
}

export const place = (finding) => (finding.frames === null ? "whole take" : finding.frames[1] - finding.frames[0] <= 1 ? `f${finding.frames[0]}` : `f${finding.frames[0]} to f${finding.frames[1] - 1}`);
