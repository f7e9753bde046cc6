// Loads the page anew every few seconds while the box is ticked, and remembers the tick. All else works without it.
"use strict";
(() => {
  const SECONDS = 3;
  const label = document.getElementById("refresh");
  if (document.querySelector("form[method=post].fields")) return; // never while somebody writes
  const box = label.querySelector("input");
  label.hidden = false;
  box.checked = sessionStorage.getItem("refresh") === "on";
  let timer;
  const follow = () => {
    clearTimeout(timer);
    if (box.checked) timer = setTimeout(() => location.reload(), SECONDS * 1000);
  };
  box.addEventListener("change", () => {
    sessionStorage.setItem("refresh", box.checked ? "on" : "off");
    follow();
  });
  follow();
})();
