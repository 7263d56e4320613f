// Images side by side; what is done to one is done to all, in parts of their own width.
if (window.OpenSeadragon) {
  for (const hidden of document.querySelectorAll("[data-needs-script]")) hidden.hidden = false;
  const tied = document.getElementById("tied");
  let leading = null;
  const viewers = [...document.querySelectorAll(".compared .viewer")].map((holder) => {
    const fallback = holder.querySelector("img");
    const viewer = OpenSeadragon({
      element: holder, tileSources: holder.dataset.source, showNavigationControl: false, maxZoomPixelRatio: 4, drawer: "canvas",
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
    });
    viewer.canvas.setAttribute("aria-label", holder.dataset.label);
    viewer.canvas.setAttribute("role", "application");
    viewer.addHandler("open", () => fallback?.remove());
    viewer.addHandler("open-failed", () => { viewer.destroy(); if (fallback) holder.append(fallback); });
    return viewer;
  });
  for (const viewer of viewers) {
    viewer.addHandler("viewport-change", () => {
      if (!tied?.checked || (leading && leading !== viewer) || !viewer.isOpen()) return;
      leading = viewer;
      for (const other of viewers) {
        if (other === viewer || !other.isOpen()) continue;
        other.viewport.zoomTo(viewer.viewport.getZoom(true), undefined, true);
        other.viewport.panTo(viewer.viewport.getCenter(true), true);
      }
      leading = null;
    });
  }
}
