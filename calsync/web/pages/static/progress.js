// Shows how many sessions have arrived, and the page anew when all have. Without it a link does.
"use strict";
(() => {
  const bar = document.getElementById("bar");
  const said = document.querySelector("label[for=bar]");
  let pause = 2000;
  const ask = async () => {
    try {
      const answer = await fetch("/connect/progress", { credentials: "same-origin" });
      if (answer.status === 403) return; // the visit has ended
      if (answer.ok) {
        const now = await answer.json();
        bar.max = now.total;
        bar.value = now.total - now.waiting;
        if (said.textContent !== now.text) said.textContent = now.text;
        if (now.waiting === 0) {
          window.location.replace("/connect");
          return;
        }
      }
    } catch {
      // offline for a moment: asked again
    }
    pause = Math.min(pause * 1.3, 30000); // what waits for a person may wait for long
    window.setTimeout(ask, pause);
  };
  window.setTimeout(ask, pause);
})();
