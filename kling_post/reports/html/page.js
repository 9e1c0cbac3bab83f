"use strict";
(() => {
  // Reading the curves: a cursor that all charts of one take share, by pointer or by arrow keys.
  const timecode = (frame, base) => {
    const two = (value) => String(Math.floor(value)).padStart(2, "0");
    const seconds = Math.floor(frame / base);
    return `${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}:${two(frame % base)}`;
  };
  const boards = new Map();
  for (const board of document.querySelectorAll("[data-curves]")) {
    const frames = Number(board.dataset.frames), base = Number(board.dataset.base), first = Number(board.dataset.first);
    const plots = [...board.querySelectorAll(".plot")].map((plot) => ({
      plot, cursor: plot.querySelector(".cursor"), unit: plot.dataset.unit, title: plot.dataset.title, lines: JSON.parse(plot.dataset.readings),
    }));
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
  }

  // Deep links: #clip@f48 goes to that still where there is one, else to the clip's curves with the cursor at the frame.
  const follow = () => {
    const match = /^#(.+)@f(\d+)$/.exec(decodeURIComponent(location.hash));
    if (!match) return;
    const owner = document.getElementById(match[1]);
    const take = owner && (owner.dataset.take || owner.id);
    const still = document.getElementById(`${match[1]}@f${match[2]}`);
    const target = take && boards.get(take);
    if (target) target.show(Number(match[2]));
    document.querySelectorAll(".still.target").forEach((one) => one.classList.remove("target"));
    if (still) { still.classList.add("target"); still.focus({ preventScroll: true }); }
    (still || (target && target.board) || owner || document.body).scrollIntoView({ block: "center" });
  };
  window.addEventListener("hashchange", follow);
  if (location.hash) follow();

  // Which severities the table of all findings shows.
  const filters = document.querySelector(".filters");
  if (filters) {
    filters.hidden = false;
    filters.addEventListener("change", () => {
      const shown = new Set([...filters.querySelectorAll("input:checked")].map((box) => box.value));
      for (const row of document.querySelectorAll("#findings tr[data-severity]")) row.hidden = !shown.has(row.dataset.severity);
    });
  }

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
