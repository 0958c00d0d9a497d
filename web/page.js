// What the page does in the browser: markers open their source, and the way back to the marker.
// Gradio redraws the conversation as it grows, so all listeners sit on the document, and what is
// open is kept here and put back after each redraw.
(() => {
  "use strict";

  const WIDE = window.matchMedia("(min-width: 1100px)");
  const CALM = window.matchMedia("(prefers-reduced-motion: reduce)");
  const SWIPE_PIXELS = 70;
  const MARGIN_PIXELS = 24;

  let openSource = null; // id of the source that is open
  let openQuote = null; // number of the quote in it that a marker asked for
  let marker = null; // where the focus returns to
  let turnSeen = null; // the turn that was last brought into view

  const byId = (id) => document.getElementById(id);
  const panel = () => byId("dl-sources");
  const sheetIsOpen = () => document.body.classList.contains("dl-sheet-open");
  const glide = () => (CALM.matches ? "auto" : "smooth");

  document.addEventListener("click", (event) => {
    const pressed = event.target.closest("button, summary");
    if (pressed?.dataset.source) show(pressed);
    else if (pressed?.matches(".dl-close")) close();
    else if (pressed?.matches("#dl-stop, #dl-ask")) focusBox();
    else if (sheetIsOpen() && !panel().contains(event.target)) close();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (sheetIsOpen() || panel()?.contains(document.activeElement)) close();
  });

  // A source that was opened or closed by hand; "toggle" does not bubble.
  document.addEventListener(
    "toggle",
    (event) => {
      const source = event.target;
      if (!source.matches?.("details.dl-source")) return;
      if (source.open === (source.id === openSource)) return;
      openSource = source.open ? source.id || null : null;
      openQuote = null;
      paint();
    },
    true,
  );

  WIDE.addEventListener("change", () => sheetIsOpen() && closeSheet());

  function show(pressed) {
    marker = pressed;
    const target = byId(pressed.dataset.source);
    if (!target) return;
    if (!WIDE.matches) openSheet();
    if (target.matches("details")) {
      openSource = target.id;
      openQuote = pressed.dataset.quote;
      target.open = true;
      paint();
    }
    (target.querySelector("summary") ?? target).focus({ preventScroll: true });
    bringIntoPanel(target);
  }

  // Only the panel scrolls, never the page under it, and only when the quote is not in view.
  function bringIntoPanel(target) {
    const scroller = panel();
    const head = scroller.querySelector(".dl-sheet-head").offsetHeight;
    const view = scroller.getBoundingClientRect();
    const card = target.getBoundingClientRect();
    const end = target.querySelector("mark[aria-current]")?.getBoundingClientRect().bottom ?? card.top + 48;
    const room = view.bottom - MARGIN_PIXELS;
    if (card.top >= view.top + head && end <= room) return;
    const toTop = card.top - view.top - head;
    scroller.scrollBy({ top: Math.max(toTop, end - room), behavior: glide() });
  }

  function openSheet() {
    document.body.classList.add("dl-sheet-open");
    panel().setAttribute("role", "dialog");
    panel().setAttribute("aria-modal", "true");
    for (const id of ["dl-masthead", "dl-conversation"]) byId(id).inert = true;
  }

  function closeSheet() {
    document.body.classList.remove("dl-sheet-open");
    panel().setAttribute("role", "complementary");
    panel().removeAttribute("aria-modal");
    for (const id of ["dl-masthead", "dl-conversation"]) byId(id).inert = false;
  }

  function close() {
    if (sheetIsOpen()) closeSheet();
    if (marker?.isConnected) marker.focus();
    else focusBox();
  }

  // Not on a touch screen, where the focus would raise the keyboard over the answer.
  function focusBox() {
    if (window.matchMedia("(pointer: fine)").matches) byId("dl-box")?.querySelector("textarea")?.focus();
  }

  // Shows which marker is open, and which words of the passage are its quote.
  function paint() {
    for (const each of document.querySelectorAll(".dl-marker, [data-quotes]")) {
      const source = each.dataset.source ?? each.closest("details").id;
      const quotes = (each.dataset.quote ?? each.dataset.quotes).split(" ");
      const current = source === openSource && quotes.includes(openQuote);
      if (current) each.setAttribute("aria-current", "true");
      else each.removeAttribute("aria-current");
    }
  }

  // --- the sheet follows a finger that pulls it down by its head
  let startY = null;
  document.addEventListener(
    "touchstart",
    (event) => {
      startY = event.target.closest(".dl-sheet-head") ? event.touches[0].clientY : null;
    },
    { passive: true },
  );
  document.addEventListener("touchend", (event) => {
    if (startY !== null && sheetIsOpen() && event.changedTouches[0].clientY - startY > SWIPE_PIXELS) close();
    startY = null;
  });

  // --- after each redraw
  function redrawn() {
    const sources = panel();
    if (!sources) return;
    if (!sources.hasAttribute("role")) {
      sources.setAttribute("role", "complementary");
      sources.setAttribute("aria-label", "Sources");
    }
    const source = openSource && byId(openSource);
    if (source && !source.open) source.open = true;
    paint();
    bringNewTurnIntoView();
  }

  function bringNewTurnIntoView() {
    const turn = document.querySelector("[role=log] .dl-turn");
    const number = turn?.dataset.turn ?? null;
    if (number === turnSeen) return;
    turnSeen = number;
    if (turn === null) openSource = null;
    panel().scrollTo({ top: 0 });
    if (turn && number !== "1") turn.scrollIntoView({ behavior: glide(), block: "start" });
    else window.scrollTo({ top: 0 });
  }

  new MutationObserver(redrawn).observe(document.documentElement, { childList: true, subtree: true });
})();
