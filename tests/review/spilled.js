// Text that is cut off, or wider than what holds it.
() => {
  const found = [];
  if (document.documentElement.scrollWidth > innerWidth) found.push(`the page is ${document.documentElement.scrollWidth} wide`);
  for (const element of document.querySelectorAll("button, h1, h2, h3, p, label, .badge, .chip, .count, td, th, summary, output")) {
    if (!element.checkVisibility() || element.closest(".skip")) continue;
    const box = element.getBoundingClientRect();
    if (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== "inline" && getComputedStyle(element).overflow === "visible") found.push(`${element.tagName} ${element.textContent.trim().slice(0, 40)} spills`);
    const frame = element.closest(".scroll, .strip, #shot-list, .segments, .shots, .decide, dialog") ? null : innerWidth;
    if (frame && box.width && (box.right > frame + 1 || box.left < -1) && box.right > 0) found.push(`${element.tagName} ${element.textContent.trim().slice(0, 40)} is cut off`);
  }
  return found;
}
