// Draws a list again every half minute, but never while somebody reads with the keyboard, types, or has selected text.
"use strict";
(() => {
  const region = () => document.querySelector("[data-refresh]");
  const isBusy = () =>
    document.visibilityState !== "visible" ||
    !document.getSelection().isCollapsed ||
    region().contains(document.activeElement);
  const again = async () => {
    if (!region() || isBusy()) return;
    const answer = await fetch(location.href, { headers: { accept: "text/html" }, redirect: "error" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-refresh]");
    if (fresh && !isBusy() && fresh.innerHTML !== region().innerHTML) region().replaceChildren(...fresh.childNodes);
  };
  const seconds = Number(region()?.dataset.refresh);
  if (seconds) setInterval(() => again().catch(() => {}), seconds * 1000);
})();
