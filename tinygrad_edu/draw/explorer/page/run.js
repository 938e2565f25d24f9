"use strict";
// The run that the page shows: nodes, edges, and the steps that one can walk through. It draws
// nothing. Values and gradients are those of the moment in training that is looked at.
// Read next: formula.js.

/** @typedef {{kind: ("given"|"forward"|"seed"|"backward"), node: number}} Step */

class Run {
  /**
   * @param {Object} graph - what `Graph.to_json()` returns
   * @param {Object|null} training - what was recorded while it was trained
   */
  constructor(graph, training) {
    this.graph = graph;
    this.training = training;
    this.moment = null; // a snapshot of the training; null: as it is in the graph itself
    this.order = new Map(graph.backward.map((id, position) => [id, position]));
    this.steps = this.listSteps();
    this.numbers = new Map(this.steps.map((step, number) => [`${step.kind} ${step.node}`, number]));
    this.into = graph.nodes.map(() => []);
    this.from = graph.nodes.map(() => []);
    for (const edge of graph.edges) {
      this.into[edge.target].push(edge);
      if (edge.contribution !== null && this.order.has(edge.target))
        this.from[edge.source].push(edge);
    }
    const when = (edge) => this.order.get(edge.target);
    for (const edges of this.into) edges.sort((a, b) => a.position - b.position);
    for (const edges of this.from)
      edges.sort((a, b) => when(a) - when(b) || a.position - b.position);
  }

  /** @returns {Step[]} */
  listSteps() {
    const computed = this.graph.nodes.filter((node) => node.op !== null);
    const steps = [{ kind: "given", node: this.graph.output }];
    for (const node of computed) steps.push({ kind: "forward", node: node.id });
    if (this.graph.backward.length === 0) return steps;
    steps.push({ kind: "seed", node: this.graph.output });
    for (const id of this.graph.backward) steps.push({ kind: "backward", node: id });
    return steps;
  }

  node(id) {
    return this.graph.nodes[id];
  }

  /** Return a node's value at the moment looked at. */
  value(id) {
    return this.moment?.nodes[id]?.value ?? this.node(id).value;
  }

  /** Return a node's gradient at the moment looked at, or null. */
  gradient(id) {
    return this.moment?.nodes[id]?.gradient ?? this.node(id).gradient;
  }

  /** Return what came along an edge, or null. */
  contribution(edge) {
    return this.moment?.edges[edge.id]?.contribution ?? edge.contribution;
  }

  /** List the edges that lead into a node, in the order of its operands. */
  inputs(id) {
    return this.into[id];
  }

  /** List the edges along which a node's gradient came, in the order in which it did. */
  arrivals(id) {
    return this.from[id];
  }

  /** Tell whether a node is a result: the way back begins there, with a gradient of 1. */
  isResult(id) {
    return (this.graph.outputs ?? [this.graph.output]).includes(id);
  }

  /** Return the number of the step at which an op's gradients are computed, or of its forward. */
  stepOf(kind, id) {
    return this.numbers.get(`${kind} ${id}`) ?? Infinity;
  }

  /**
   * Add up what had come to a node before an edge.
   * @returns {Object|null} null if nothing had, or if the page does not have the numbers
   */
  before(edge) {
    const earlier = this.isResult(edge.source) ? [ones(this.value(edge.source))] : [];
    for (const each of this.arrivals(edge.source)) {
      if (each.id === edge.id) break;
      earlier.push(this.contribution(each));
    }
    if (earlier.length === 0 || !earlier.every(canAdd)) return null;
    return earlier.reduce(sum);
  }

  /** Tell whether a node's gradient has come, wholly or in part, when a step is over. */
  progress(id, stepNumber) {
    const seed =
      this.isResult(id) && this.order.size ? [this.stepOf("seed", this.graph.output)] : [];
    const steps = [
      ...seed,
      ...this.arrivals(id).map((edge) => this.stepOf("backward", edge.target)),
    ];
    const come = steps.filter((step) => step <= stepNumber).length;
    if (come === 0) return "none";
    return come === steps.length ? "whole" : "part";
  }
}
