"use strict";
// The picture: the layout that Graphviz has made when the file was written, one for each depth to
// which the boxes of modules are open. The page marks what is active, and hangs small heat maps
// under the nodes: the value on the left, the gradient on the right. Read next: step_panel.js.

const BADGE = 14; // the height of a small heat map, and the most cells on each of its sides
const MOST_CELLS = 12;
const LEAST_SCALE = 0.9; // rather than to shrink it any further, let it be scrolled

class Picture {
  /**
   * @param {Run} run
   * @param {function(number)} choose - called with the node that was clicked
   */
  constructor(run, choose) {
    this.run = run;
    this.choose = choose;
    this.place = find("picture");
    this.layouts = [...document.querySelectorAll("template.layout")].map(
      (each) => each.content.firstElementChild,
    );
    this.depth = Math.max(0, this.layouts.length - 1);
    this.open(this.depth);
  }

  /** Show the layout in which modules are open to a depth. */
  open(depth) {
    const layout = this.layouts[depth];
    if (!layout) return;
    this.depth = depth;
    this.svg = document.importNode(layout, true);
    this.svg.style.minWidth = `${LEAST_SCALE * Number(layout.getAttribute("width"))}px`;
    this.place.replaceChildren(this.svg);
    for (const group of this.groups()) this.listen(group, () => this.clicked(group));
    for (const frame of this.svg.querySelectorAll(".cluster[data-depth]"))
      this.listen(frame, () => this.fold(frame));
    find("fewer").disabled = depth === 0;
    find("more").disabled = depth === this.layouts.length - 1;
    find("folding").hidden = this.layouts.length < 2;
  }

  groups() {
    return this.svg ? [...this.svg.querySelectorAll(".node")] : [];
  }

  /** Let a part of the picture be clicked, and chosen by keyboard. */
  listen(group, action) {
    group.addEventListener("click", action);
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      action();
    });
  }

  /** Open a module that is shown as one box, or choose a node. */
  clicked(group) {
    if (group.classList.contains("folded")) this.refold(this.depth + 1);
    else this.choose(nodesOf(group)[0]);
  }

  fold(frame) {
    this.refold(Math.max(0, Number(frame.dataset.depth)));
  }

  refold(depth) {
    this.open(Math.min(depth, this.layouts.length - 1));
    this.update(this.step, this.chosen);
    find("status").textContent =
      `Modules are open to depth ${this.depth} of ${this.layouts.length - 1}.`;
  }

  /** Mark what has been computed, what is active, and what is chosen. */
  update(stepNumber, chosen) {
    [this.step, this.chosen] = [stepNumber, chosen];
    if (!this.svg) return;
    const step = this.run.steps[stepNumber];
    const isBack = step.kind === "backward";
    const used = this.run.inputs(step.node).filter((edge) => !isBack || edge.contribution !== null);
    const inputs = new Set(used.map((edge) => edge.source));
    for (const group of this.groups()) this.mark(group, step, inputs);
    for (const edge of this.svg.querySelectorAll(".edge")) this.markEdge(edge, step);
    this.drawBadges();
    this.reveal();
  }

  mark(group, step, inputs) {
    const ids = nodesOf(group);
    const active = step.kind !== "given" && ids.includes(step.node);
    const set = (name, on) => group.classList.toggle(name, on);
    set("waiting", !ids.some((id) => this.isComputed(id)));
    set(
      "graded",
      ids.some((id) => this.run.progress(id, this.step) !== "none"),
    );
    set("active", active);
    set(
      "operand",
      !active && step.kind !== "given" && step.kind !== "seed" && ids.some((id) => inputs.has(id)),
    );
    set("chosen", ids.includes(this.chosen));
    set("backwards", step.kind === "backward" || step.kind === "seed");
    if (active) group.setAttribute("aria-current", "step");
    else group.removeAttribute("aria-current");
  }

  markEdge(edge, step) {
    const targets = edge.dataset.targets.split(" ").map(Number);
    const moves = targets.includes(step.node);
    edge.classList.toggle("carries", moves && step.kind === "forward");
    edge.classList.toggle(
      "returns",
      moves && step.kind === "backward" && edge.dataset.gradient === "yes",
    );
  }

  isComputed(id) {
    return this.run.node(id).op === null || this.run.stepOf("forward", id) <= this.step;
  }

  /** Hang the heat maps of what is known by now under the nodes. */
  drawBadges() {
    this.svg.querySelectorAll(".badge").forEach((badge) => badge.remove());
    for (const group of this.groups().filter((each) => nodesOf(each).length === 1)) {
      const [id] = nodesOf(group);
      const node = this.run.node(id);
      const box = group.getBBox();
      const y = box.y + box.height + 1.5;
      const isNumber = isPlainNumber(node);
      if (this.isComputed(id) && !isNumber)
        group.append(...badge(this.run.value(id), box.x + 1, y, "value"));
      const whole = this.run.progress(id, this.step) === "whole" && this.run.gradient(id);
      if (whole) group.append(...badge(whole, box.x + box.width - 1, y, "gradient"));
    }
  }

  /** Scroll the active node into view, within the picture only. */
  reveal() {
    const active = this.svg.querySelector(".active");
    if (!active) {
      this.place.scrollLeft = 0;
      return;
    }
    const [inner, outer] = [active.getBoundingClientRect(), this.place.getBoundingClientRect()];
    this.place.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
    this.place.scrollTop += inner.top + inner.height / 2 - outer.top - outer.height / 2;
  }
}

/** List the nodes of the run that a part of the picture stands for. */
function nodesOf(group) {
  return group.dataset.nodes.split(" ").map(Number);
}

/** Draw a small heat map; that of a gradient ends where a value's begins. */
function badge(array, edge, y, kind) {
  const values = array && flat(array);
  if (!values || values.length === 0 || array.shape.length > 2) return [];
  const rows = rowsOf(array.values, array.shape)
    .slice(0, MOST_CELLS)
    .map((row) => row.slice(0, MOST_CELLS));
  const side = Math.min(8, BADGE / rows.length);
  const width = side * rows[0].length;
  const x = kind === "value" ? edge : edge - width;
  const largest = largestSize(values);
  const cells = rows.flatMap((row, i) =>
    row.map((each, j) => badgeCell(each, x + j * side, y + i * side, side, largest)),
  );
  const ground = {
    class: `badge ground ${kind}`,
    x: x - 0.5,
    y: y - 0.5,
    width: width + 1,
    height: side * rows.length + 1,
  };
  return [draw("rect", ground), draw("g", { class: "badge", "aria-hidden": "true" }, cells)];
}

function badgeCell(x, left, top, side, largest) {
  const kind = toNumber(x) < 0 ? "negative" : "positive";
  return draw("rect", {
    class: kind,
    x: left,
    y: top,
    width: side,
    height: side,
    "fill-opacity": share(x, largest).toFixed(2),
  });
}
