"use strict";
(() => {
  // Reading the curves: a cursor that all charts of one take share, by pointer or by arrow keys.
  const timecode = (frame, base) => {
    const two = (value) => String(Math.floor(value)).padStart(2, "0");
    const seconds = Math.floor(frame / base);
    return `${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}:${two(frame % base)}`;
  };
  const boards = new Map();
  // A page with very many curves carries their numbers only.
  const drawLines = ({ plot, lines }) => {
    const low = Number(plot.dataset.low), high = Number(plot.dataset.high);
    for (const path of plot.querySelectorAll("path[data-line]")) {
      const values = lines[Number(path.dataset.line)].slice(1);
      let drawn = "", down = false;
      values.forEach((value, place) => {
        if (value === null) { down = false; return; }
        const height = Math.max(0, Math.min(100, 100 * (1 - (value - low) / (high - low))));
        drawn += `${down ? "L" : "M"}${(((place + 0.5) * 1000) / values.length).toFixed(1)} ${height.toFixed(1)}`;
        down = true;
      });
      path.setAttribute("d", drawn);
    }
  };
  const wire = (root) => { for (const board of root.querySelectorAll("[data-curves]")) {
    const frames = Number(board.dataset.frames), base = Number(board.dataset.base), first = Number(board.dataset.first);
    const plots = [...board.querySelectorAll(".plot")].map((plot) => ({
      plot, cursor: plot.querySelector(".cursor"), unit: plot.dataset.unit, title: plot.dataset.title, lines: JSON.parse(plot.dataset.readings),
    }));
    plots.forEach(drawLines);
    const reading = board.querySelector(".reading");
    let frame = 0;
    const show = (wanted) => {
      frame = Math.max(0, Math.min(frames - 1, wanted));
      const share = (frame + 0.5) / frames;
      const parts = [`f${frame}`, timecode(first + frame, base)];
      for (const { cursor, lines, unit, title } of plots) {
        cursor.hidden = false;
        cursor.style.left = `${share * 100}%`;
        const texts = lines.map((line) => {
          const value = line[1 + Math.min(line.length - 2, Math.floor(share * (line.length - 1)))];
          return `${line[0]} ${value === null || value === undefined ? "\u2013" : value}`;
        });
        parts.push(`${title}: ${texts.join(", ")} ${unit}`);
      }
      reading.textContent = parts.join("  \u00b7  ");
    };
    const at = (event) => {
      const box = event.currentTarget.getBoundingClientRect();
      show(Math.floor(((event.clientX - box.left) / box.width) * frames));
    };
    for (const { plot } of plots) {
      plot.addEventListener("pointermove", at);
      plot.addEventListener("pointerdown", at);
    }
    board.addEventListener("keydown", (event) => {
      if (event.target !== board) return;
      const step = (event.shiftKey ? 10 : 1) * ({ ArrowLeft: -1, ArrowRight: 1 }[event.key] || 0);
      if (step) { show(frame + step); event.preventDefault(); }
      if (event.key === "Home") { show(0); event.preventDefault(); }
      if (event.key === "End") { show(frames - 1); event.preventDefault(); }
      if (event.key === "Enter") history.replaceState(null, "", `#${board.dataset.curves}@f${frame}`);
    });
    boards.set(board.dataset.curves, { board, show });
  } };
  wire(document);

  // Long lists come in pages, compressed in the document: a page is unpacked when it is turned to.
  const places = JSON.parse(document.getElementById("places").textContent);
  const shown = new Map();
  const inflate = async (name, page) => {
    const packed = document.querySelector(`script[data-page="${name}-${page}"]`).textContent;
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  };
  const turnTo = async (name, page) => {
    const list = document.querySelector(`[data-pages="${name}"]`);
    if (shown.get(name) === page) return;
    shown.set(name, page);
    const text = await inflate(name, page);
    if (shown.get(name) !== page) return;
    for (const board of list.querySelectorAll("[data-curves]")) boards.delete(board.dataset.curves);
    // Our own template's words, escaped when they were written.
    list.innerHTML = text;
    wire(list);
    sift();
    for (const pager of document.querySelectorAll(`[data-pager="${name}"]`)) tell(pager, list, page);
  };
  const tell = (pager, list, page) => {
    const { count, size, total, what } = list.dataset;
    const last = page === Number(count) ? Number(total) : page * Number(size);
    pager.querySelector("output").textContent = `${what} ${(page - 1) * Number(size) + 1} to ${last} of ${total}`;
    const [back, on] = pager.querySelectorAll("button");
    back.disabled = page === 1;
    on.disabled = page === Number(count);
    pager.querySelector("select").value = page;
  };
  const element = (tag, words, attributes = {}) => Object.assign(document.createElement(tag), { textContent: words, ...attributes });
  const pagerOf = (list) => {
    const name = list.dataset.pages, count = Number(list.dataset.count);
    const pager = element("div", "", { className: "pager" });
    pager.dataset.pager = name;
    const turn = (page) => turnTo(name, Math.max(1, Math.min(count, page))).then(() => list.scrollIntoView({ block: "start" }));
    const pages = element("select", "");
    pages.setAttribute("aria-label", `Page of ${list.dataset.what}`);
    pages.append(...Array.from({ length: count }, (_, index) => element("option", `page ${index + 1}`, { value: index + 1 })));
    pages.addEventListener("change", () => turn(Number(pages.value)));
    pager.append(
      element("button", "Before", { type: "button", onclick: () => turn(shown.get(name) - 1) }),
      element("output", ""), pages,
      element("button", "Next", { type: "button", onclick: () => turn(shown.get(name) + 1) }),
    );
    return pager;
  };
  for (const list of document.querySelectorAll("[data-pages][data-count]")) {
    shown.set(list.dataset.pages, 1);
    for (const [where, pager] of [["before", pagerOf(list)], ["after", pagerOf(list)]]) { list[where](pager); tell(pager, list, 1); }
  }

  // Deep links: #clip@f48 goes to that still where there is one, else to the clip's curves with the cursor at the frame.
  const follow = async () => {
    const hash = decodeURIComponent(location.hash), match = /^#(.+)@f(\d+)$/.exec(hash);
    const onPage = places[match ? match[1] : hash.slice(1)];
    if (onPage) await turnTo(...onPage);
    if (!match) { if (onPage) document.getElementById(hash.slice(1)).scrollIntoView(); return; }
    const owner = document.getElementById(match[1]);
    const take = owner && (owner.dataset.take || owner.id);
    const still = document.getElementById(`${match[1]}@f${match[2]}`);
    const target = take && boards.get(take);
    if (target) target.show(Number(match[2]));
    document.querySelectorAll(".still.target").forEach((one) => one.classList.remove("target"));
    if (still) { still.classList.add("target"); still.focus({ preventScroll: true }); }
    (still || (target && target.board) || owner || document.body).scrollIntoView({ block: "center" });
  };

  // Which severities the table of all findings shows.
  const filters = document.querySelector(".filters");
  const sift = () => {
    if (!filters) return;
    const kept = new Set([...filters.querySelectorAll("input:checked")].map((box) => box.value));
    for (const row of document.querySelectorAll("#findings tr[data-severity]")) row.hidden = !kept.has(row.dataset.severity);
  };
  if (filters) {
    filters.hidden = false;
    filters.addEventListener("change", sift);
  }
  window.addEventListener("hashchange", follow);
  if (location.hash) follow();

  // Which section is being read.
  const links = new Map([...document.querySelectorAll("nav.sections a")].map((link) => [link.hash.slice(1), link]));
  if ("IntersectionObserver" in window) {
    const observer = new IntersectionObserver((entries) => {
      for (const entry of entries) if (entry.isIntersecting) {
        links.forEach((link) => { link.classList.remove("here"); link.removeAttribute("aria-current"); });
        const link = links.get(entry.target.id);
        if (link) { link.classList.add("here"); link.setAttribute("aria-current", "true"); }
      }
    }, { rootMargin: "-20% 0px -70% 0px" });
    for (const id of links.keys()) { const section = document.getElementById(id); if (section) observer.observe(section); }
  }
})();
