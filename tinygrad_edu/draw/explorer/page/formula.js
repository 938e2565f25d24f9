"use strict";
// An op as a formula: as it is written, and with the numbers put in. Read next: picture.js.

const WORD = /([A-Za-z_][A-Za-z0-9_]*|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)/;

/** Write the call of an op with its operands' numbers. */
function forwardFormula(run, node) {
  const operands = run.inputs(node.id).map((edge) => operand(run, edge.source));
  if (node.symbol && operands.length === 2)
    return [operands[0], operator(node.symbol), operands[1]];
  if (node.symbol && operands.length === 1) return [operator(node.symbol), operands[0]];
  const parts = operands.flatMap((each, i) => (i ? [operator(","), each] : [each]));
  for (const [name, value] of Object.entries(node.settings))
    parts.push(operator(`, ${name}=${value}`));
  return [operator(`${node.op}(`), ...parts, operator(")")];
}

function operand(run, id) {
  return showInline(run.value(id), run.node(id).name);
}

function operator(text) {
  return make("span", { class: "operator" }, text);
}

/**
 * Put numbers into the text of a rule: for `dy`, for `y`, and for the arguments.
 * @param {string} rule - such as `dy @ w.T`
 */
function ruleWithNumbers(run, node, rule) {
  const known = new Map([
    ["dy", run.gradient(node.id)],
    ["y", run.value(node.id)],
  ]);
  for (const edge of run.inputs(node.id)) known.set(edge.argument, run.value(edge.source));
  const words = rule.split(WORD);
  const parts = [];
  let text = "";
  words.forEach((word, i) => {
    const isName = i % 2 === 1 && !words[i - 1].endsWith(".");
    if (isName && known.get(word)) {
      parts.push(operator(text), showInline(known.get(word), word));
      text = "";
    } else text += word;
  });
  return [...parts, operator(text)].filter((part) => part.textContent !== "");
}

/** Tell whether putting numbers into a rule says more than the rule itself. */
function saysMore(rule) {
  return rule !== "" && !rule.includes("\n") && rule.length < 120;
}

/** Name a node as in a sentence: `layer1 = sigmoid(t1)`. */
function sentenceOf(node) {
  return node.formula ? `${node.name} = ${node.formula}` : node.name;
}
