// Deep zoom: an image in tiles, and the outlines of what is said of it above them.
const holder = document.getElementById("viewer");

if (holder && window.OpenSeadragon) {
  for (const hidden of document.querySelectorAll("[data-needs-script]")) hidden.hidden = false;
  const fallback = holder.querySelector("img");
  const viewer = OpenSeadragon({
    element: holder, tileSources: holder.dataset.source, showNavigationControl: false, showNavigator: true,
    navigatorPosition: "BOTTOM_RIGHT", maxZoomPixelRatio: 4, crossOriginPolicy: false, drawer: "canvas",
    gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
  });
  viewer.canvas.setAttribute("aria-label", holder.dataset.label);
  viewer.canvas.setAttribute("role", "application");
  viewer.addHandler("open", () => { fallback?.remove(); drawOutlines(viewer); });
  // The picture that is there already says more than an empty frame.
  viewer.addHandler("open-failed", () => { viewer.destroy(); if (fallback) holder.append(fallback); });

  const acts = {
    in: () => viewer.viewport.zoomBy(1.6).applyConstraints(),
    out: () => viewer.viewport.zoomBy(1 / 1.6).applyConstraints(),
    turn: () => viewer.viewport.setRotation(viewer.viewport.getRotation() + 90),
    home: () => viewer.viewport.setRotation(0) || viewer.viewport.goHome(),
    full: () => viewer.setFullScreen(true),
  };
  document.addEventListener("click", (event) => acts[event.target.closest("[data-view]")?.dataset.view]?.());
}

function drawOutlines(viewer) {
  const drawing = document.getElementById("outlines");
  if (!drawing) return;
  const size = viewer.world.getItemAt(0).getContentSize();
  drawing.setAttribute("viewBox", `0 0 ${size.x} ${size.y}`);
  drawing.removeAttribute("hidden");
  viewer.addOverlay({ element: drawing, location: new OpenSeadragon.Rect(0, 0, 1, size.y / size.x) });
  const show = (box) => {
    const group = drawing.querySelector(`[data-layer="${box.dataset.layerToggle}"]`);
    if (group) group.style.display = box.checked ? "" : "none";
  };
  for (const box of document.querySelectorAll("[data-layer-toggle]")) {
    show(box);
    box.addEventListener("change", () => show(box));
  }
  const mark = (number, on) => {
    for (const found of document.querySelectorAll(`[data-said="${number}"], [data-row="${number}"]`)) found.classList.toggle("marked", on);
  };
  for (const type of ["mouseover", "mouseout"]) {
    document.addEventListener(type, (event) => {
      const found = event.target.closest?.("[data-row], [data-said]");
      if (found) mark(found.dataset.row ?? found.dataset.said, type === "mouseover");
    });
  }
}
