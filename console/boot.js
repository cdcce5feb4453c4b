// Runs before the first paint: the remembered theme, then the WebAssembly. A file, because the page's
// Content-Security-Policy allows no inline script.
(() => {
  try {
    const theme = localStorage.getItem("relay-theme"); // src/ui/theme.rs writes it
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is refused: the system's theme holds.
  }

  const addressOf = (id) => document.getElementById(id).href;

  function giveUp(error) {
    console.error("Relay's console could not start:", error);
    const words = document.getElementById("boot-words");
    if (!words) return;
    words.className = "boot-failed";
    words.textContent =
      typeof WebAssembly === "object"
        ? "The console could not be loaded. Check your connection and reload the page."
        : "The console needs WebAssembly, which this browser has turned off.";
  }

  import(addressOf("relay-glue"))
    .then((glue) => glue.default({ module_or_path: addressOf("relay-wasm") }))
    .catch((error) => {
      if (document.readyState === "loading") {
        document.addEventListener("DOMContentLoaded", () => giveUp(error));
      } else {
        giveUp(error);
      }
    });
})();
