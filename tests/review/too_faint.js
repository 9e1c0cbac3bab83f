// Visible text below WCAG's AA contrast on what lies behind it.
() => {
  const parse = (text) => {
    const parts = text.match(/[\d.]+/g).map(Number), unit = text.startsWith("color(") ? 255 : 1;
    return { rgb: parts.slice(0, 3).map((value) => value * unit), alpha: parts[3] ?? 1 };
  };
  const over = (top, below) => top.rgb.map((value, place) => value * top.alpha + below[place] * (1 - top.alpha));
  const light = (rgb) => { const part = rgb.map((value) => value / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)); return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2]; };
  const ground = (element) => { const layers = []; for (let one = element; one; one = one.parentElement) { const colour = parse(getComputedStyle(one).backgroundColor); layers.push(colour); if (colour.alpha === 1) break; } return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]); };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement, style = getComputedStyle(element), box = element.getBoundingClientRect();
    if (!node.textContent.trim() || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || box.width < 2 || box.right < 0) continue;
    if (element.closest("script, style, option")) continue;
    const below = ground(element), ink = parse(style.color);
    let opacity = 1; for (let one = element; one; one = one.parentElement) opacity *= Number(getComputedStyle(one).opacity);
    const above = over({ rgb: ink.rgb, alpha: ink.alpha * opacity }, below);
    const [high, low] = [light(above), light(below)].sort((one, two) => two - one);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < (large ? 3 : 4.5)) found.push(`${ratio.toFixed(2)} ${element.tagName}.${element.className} ${node.textContent.trim().slice(0, 40)}`);
  }
  return found;
}
