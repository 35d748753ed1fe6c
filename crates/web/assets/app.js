// Comfort only: every page works without this script.
"use strict";

const root = document.documentElement;
const announce = (text) => {
  document.querySelector("[data-announce]").textContent = text;
};

// The colour scheme: as the device says, light, or dark.
const themes = ["device", "light", "dark"];
const themeSwitch = document.querySelector("[data-theme-switch]");
const showTheme = () => {
  themeSwitch.querySelector("[data-theme-name]").textContent = root.dataset.theme;
};
const keepTheme = (theme) => {
  const age = theme === "device" ? 0 : 31536000;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `consentry_theme=${theme}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
};
themeSwitch.addEventListener("click", () => {
  const next = themes[(themes.indexOf(root.dataset.theme) + 1) % themes.length];
  root.dataset.theme = next;
  keepTheme(next);
  showTheme();
  announce(`Theme: ${next}`);
});
showTheme();
themeSwitch.hidden = false;

// Copy buttons.
for (const button of navigator.clipboard ? document.querySelectorAll("[data-copy]") : []) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    announce("Copied");
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 1500);
  });
}

// A second click while the first is under way would only be refused. Going back makes the form usable again.
for (const button of document.querySelectorAll("[data-once]")) {
  button.form.addEventListener("submit", () => {
    button.setAttribute("aria-busy", "true");
    setTimeout(() => { button.disabled = true; });
  });
  addEventListener("pageshow", () => {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  });
}

// One confirmation open at a time; Escape closes it.
const confirmations = document.querySelectorAll("details.revoke");
for (const details of confirmations) {
  details.addEventListener("toggle", () => {
    if (!details.open) return;
    for (const other of confirmations) other.open = other === details;
  });
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    details.open = false;
    details.querySelector("summary").focus();
  });
}

// An answer for an app is sent at once (OAuth 2.0 Form Post Response Mode).
for (const form of document.querySelectorAll("form[data-send]")) form.submit();
