"use strict";
// One node: its value and its gradient, what it is, where it was computed, and where its gradient
// comes from. Read next: training.js.

class NodePanel {
  /** The same as for StepPanel. */
  constructor(run, link) {
    this.run = run;
    this.link = link;
    this.place = find("node");
  }

  show(id) {
    const node = this.run.node(id);
    put(
      this.place,
      make(
        "p",
        { class: "name" },
        make("strong", {}, node.name),
        node.formula ? ` = ${node.formula}` : ` ${node.role}`,
      ),
      make(
        "div",
        { class: "row" },
        this.run.value(id) && labelled("value", this.run.value(id), `value of ${node.name}`),
        node.role === "constant" ? null : this.gradient(node),
      ),
      facts(node),
      this.origins(node),
      this.neighbours(node),
    );
  }

  gradient(node) {
    const array = this.run.gradient(node.id);
    if (array) return labelled("gradient", array, `gradient of ${node.name}`);
    return make(
      "div",
      { class: "labelled" },
      make("h3", {}, "gradient"),
      make("p", {}, node.gradient_note || "none: it does not require one"),
    );
  }

  /** List what a gradient is the sum of. */
  origins(node) {
    const arrivals = this.run.arrivals(node.id);
    if (arrivals.length === 0) return null;
    const items = arrivals.map((edge) => {
      const by = this.run.node(edge.target);
      return make(
        "li",
        {},
        "from ",
        this.link(by.id, sentenceOf(by)),
        ` through ${edge.argument}: `,
        showInline(this.run.contribution(edge), "dx"),
      );
    });
    const title = "Where does this gradient come from?";
    const note =
      arrivals.length > 1
        ? make("p", {}, `It is the sum of ${arrivals.length} contributions:`)
        : null;
    return make(
      "section",
      { class: "origins" },
      make("h3", {}, title),
      note,
      make("ol", {}, items),
    );
  }

  neighbours(node) {
    const from = this.run.inputs(node.id).map((edge) => edge.source);
    const users = this.run.graph.edges
      .filter((edge) => edge.source === node.id)
      .map((edge) => edge.target);
    const list = (title, ids) =>
      ids.length
        ? make(
            "p",
            {},
            title,
            [...new Set(ids)].flatMap((id, i) => [i ? ", " : " ", this.link(id)]),
          )
        : null;
    return make(
      "div",
      { class: "neighbours" },
      list("Computed from", from),
      list("Used for", users),
    );
  }
}

/** Write down what a node is. */
function facts(node) {
  const line = node.line && `${node.line.file}:${node.line.number}`;
  const settings = Object.entries(node.settings)
    .map(([name, value]) => `${name}=${value}`)
    .join(", ");
  const rows = [
    ["op", node.op],
    ["settings", settings],
    ["shape", node.shape && `(${node.shape.join(", ")})`],
    ["dtype", node.dtype],
    ["module", node.module],
    ["line", line],
  ];
  const shown = rows
    .filter(([, value]) => value)
    .flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]);
  const code = node.line?.code ? make("pre", { class: "code" }, node.line.code) : null;
  return make("div", {}, make("dl", { class: "facts" }, shown), code);
}
