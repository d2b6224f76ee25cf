// Sets skin and theme before the first paint. ?skin=needle and ?theme=dark|light for installations.
(() => {
  const asked = new URLSearchParams(location.search);
  const page = document.documentElement;
  const stored = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null;
    }
  };
  const theme = [asked.get("theme"), stored()].find((name) => name === "dark" || name === "light");
  if (theme) page.dataset.theme = theme;
  if (asked.get("skin") === "needle") page.dataset.skin = "needle";
})();
