"use strict";
// What happens in this step: the op with its numbers; on the way back, what arrives, what the rule
// makes of it, and where it is added. Read next: node_panel.js.

class StepPanel {
  /**
   * @param {Run} run
   * @param {function(number): HTMLElement} link - makes a button that chooses a node
   */
  constructor(run, link) {
    this.run = run;
    this.link = link;
    this.place = find("step");
  }

  /** Show a step; say it in one sentence, too. */
  show(step, number) {
    const node = this.run.node(step.node);
    const [sentence, ...content] = this[step.kind](node);
    put(
      this.place,
      make("p", { class: `phase ${step.kind}` }, phase(this.run, step)),
      make("p", { class: "sentence" }, sentence),
      ...content,
    );
    find("status").textContent = `Step ${number}. ${phase(this.run, step)}. ${sentence}`;
  }

  given() {
    const leaves = this.run.graph.nodes.filter((node) => node.op === null && !isPlainNumber(node));
    const rows = leaves.map((node) =>
      make(
        "div",
        { class: "given" },
        make("h3", {}, this.link(node.id), ` ${node.role}`),
        show(this.run.value(node.id), node.name),
      ),
    );
    return [
      "Before anything is computed, these are given.",
      make("div", { class: "row" }, rows),
      make("p", { class: "hint" }, "Press → to compute the first op, or space to let it run."),
    ];
  }

  forward(node) {
    const value = this.run.value(node.id);
    const parts = [forwardFormula(this.run, node), operator("="), showInline(value, node.name)];
    return [sentenceOf(node), scrolled("the formula with its numbers", parts)];
  }

  seed(node) {
    return [
      `The way back begins: the gradient of ${node.name} with respect to itself is 1.`,
      make(
        "div",
        { class: "row" },
        labelled("dy", this.run.gradient(node.id), `gradient of ${node.name}`),
      ),
    ];
  }

  backward(node) {
    const edges = this.run.inputs(node.id);
    const reached = edges
      .filter((edge) => edge.contribution !== null)
      .map((edge) => this.run.node(edge.source).name);
    const names = [...new Set(reached)].join(" and ") || "nothing";
    const sentence = `${sentenceOf(node)}. What arrives, dy, goes on to ${names}.`;
    const arguments_ = edges.map((edge) => this.argument(node, edge));
    const arrived = this.run.value(node.id)
      ? labelled("dy arrives", this.run.gradient(node.id), `gradient of ${node.name}`)
      : make("p", {}, "This op has several results, and a dy has arrived at each of them.");
    return [sentence, arrived, ...arguments_];
  }

  /** Show how the gradient of one argument comes about, and where it goes. */
  argument(node, edge) {
    const rule = node.rules[edge.argument] ?? "";
    const source = this.run.node(edge.source);
    const title = make(
      "h3",
      {},
      "to ",
      this.link(source.id),
      edge.argument === source.name ? "" : ` (as ${edge.argument})`,
    );
    const dx = this.run.contribution(edge);
    if (dx === null)
      return make("section", { class: "argument none" }, title, make("p", {}, whyNothing(source)));
    return make(
      "section",
      { class: "argument" },
      title,
      this.rule(node, rule, dx),
      this.stretched(node, source),
      this.meeting(edge, dx, source),
    );
  }

  /** Show a rule as it is written, with the numbers put in, and what it gives. */
  rule(node, rule, dx) {
    const written = rule ? make("p", { class: "rule" }, make("code", {}, `dx = ${rule}`)) : null;
    const numbers = saysMore(rule)
      ? [ruleWithNumbers(this.run, node, rule), operator("=")]
      : [operator("dx =")];
    const formula = scrolled("the rule with its numbers", [...numbers, showInline(dx, "dx")]);
    return make("div", {}, written, formula, isShort(dx) ? null : show(dx, "dx"));
  }

  /** Say that a broadcast was undone. */
  stretched(node, source) {
    const elementwise = ["+", "-", "*", "/", "**"].includes(node.symbol);
    if (!elementwise || !source.shape || source.shape.join() === node.shape.join()) return null;
    return make(
      "p",
      { class: "hint" },
      `${source.name} (${shapeText(source.shape)}) was stretched to ${shapeText(node.shape)}, ` +
        "so its gradient is the sum over the copies.",
    );
  }

  /** Show where contributions meet: the first is kept, each later one is added. */
  meeting(edge, dx, source) {
    const arrivals = this.run.arrivals(source.id);
    const place = arrivals.findIndex((each) => each.id === edge.id);
    const target = `gradient of ${source.name}`;
    const seeded = this.run.isResult(source.id);
    if (arrivals.length === 1 && !seeded)
      return make("p", { class: "meeting" }, `This is the whole ${target}.`);
    const count = `${place + 1} of ${arrivals.length} contributions`;
    if (place === 0 && !seeded)
      return make("p", { class: "meeting" }, make("code", {}, `${target} = dx`), ` (${count})`);
    const earlier = this.run.before(edge);
    const numbers =
      earlier &&
      canAdd(dx) &&
      make(
        "div",
        { class: "formula" },
        showInline(earlier, "so far"),
        operator("+"),
        showInline(dx, "dx"),
        operator("="),
        showInline(sum(earlier, dx), target),
      );
    return make(
      "div",
      { class: "meeting" },
      make("p", {}, make("code", {}, `${target} += dx`), ` (${count})`),
      numbers || null,
    );
  }
}

/** Name a step's place in its pass. */
function phase(run, step) {
  const same = run.steps.filter((each) => each.kind === step.kind);
  if (step.kind === "given") return "The start";
  if (step.kind === "seed") return "Backward: the start";
  const name = step.kind === "forward" ? "Forward" : "Backward";
  return `${name} ${same.indexOf(step) + 1} of ${same.length}`;
}

function isPlainNumber(node) {
  return node.role === "constant" && node.shape?.length === 0;
}

function whyNothing(source) {
  if (source.role === "constant") return "A constant: it needs no gradient.";
  if (source.role === "input")
    return "An input: it does not require a gradient, so none is computed.";
  return source.gradient_note || "No gradient goes there.";
}

function labelled(title, array, label) {
  const body = array ? show(array, label) : make("p", {}, "There is no gradient.");
  return make("div", { class: "labelled" }, make("h3", {}, title), body);
}

/** Put a formula into a line that can be scrolled, by keys too, where it is too long. */
function scrolled(label, parts) {
  const attributes = { class: "scroll", tabindex: "0", role: "group", "aria-label": label };
  return make("div", attributes, make("div", { class: "formula" }, parts));
}
