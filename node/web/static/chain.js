// The chain as a drawing; the table beneath says the same.
const data = document.getElementById("chain-data");
const place = document.getElementById("chain");
if (data && place && window.cytoscape) {
  const links = JSON.parse(data.textContent);
  const known = new Set(links.map((link) => link.name));
  const tone = getComputedStyle(document.documentElement);
  const colour = (name) => tone.getPropertyValue(name).trim();
  const short = (name) => (name.startsWith("hash://") ? name.replace("hash://sha256/", "").slice(0, 8) : name.split("/").pop().slice(0, 13));
  const graph = cytoscape({
    container: place, autoungrabify: true, userZoomingEnabled: false, userPanningEnabled: false, boxSelectionEnabled: false,
    elements: [
      ...links.map((link) => ({ data: { id: link.name, label: `${link.sort}\n${short(link.name)}`, page: link.page, sort: link.sort } })),
      ...links.flatMap((link) => link.leads_to.filter((to) => known.has(to)).map((to) => ({ data: { source: link.name, target: to } }))),
    ],
    layout: { name: "breadthfirst", directed: true, spacingFactor: 1.1, padding: 12 },
    style: [
      { selector: "node", style: { label: "data(label)", "text-wrap": "wrap", "text-valign": "center", "font-size": 11, color: colour("--ink"), shape: "round-rectangle", width: 104, height: 40, "background-color": colour("--sunk"), "border-width": 1, "border-color": colour("--soft") } },
      { selector: "node[sort = 'thing'], node[sort = 'log']", style: { "background-color": colour("--leaf"), color: colour("--on-leaf") } },
      { selector: "edge", style: { width: 1.5, "line-color": colour("--soft"), "target-arrow-shape": "triangle", "target-arrow-color": colour("--soft"), "curve-style": "bezier" } },
    ],
  });
  graph.on("tap", "node", (event) => { if (event.target.data("page")) window.location = event.target.data("page"); });
}
