// Tells an app, in another frame, whether its user's session is the same as before
// (OpenID Connect Session Management 1.0 §3.2). The app sends its client_id and the session_state that it got.
(() => {
  "use strict";
  const cookie = `${document.currentScript.dataset.cookie}=`;

  const browserState = () => {
    const found = document.cookie.split("; ").find((pair) => pair.startsWith(cookie));
    return found ? found.slice(cookie.length) : "";
  };

  const verdict = async (message, origin) => {
    const parts = typeof message === "string" ? message.split(" ") : [];
    const salt = parts.length === 2 ? parts[1].split(".")[1] : "";
    if (!parts[0] || !salt) return "error";
    const text = [parts[0], origin, browserState(), salt].join(" ");
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0"));
    return `${hex.join("")}.${salt}` === parts[1] ? "unchanged" : "changed";
  };

  addEventListener("message", async (event) => {
    if (!event.source || event.origin === "null") return;
    event.source.postMessage(await verdict(event.data, event.origin), event.origin);
  });
})();
