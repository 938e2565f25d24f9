"use strict";
// How numbers are shown: as a matrix whose cells are coloured by size and sign, as coloured cells
// alone where there are many, and as a histogram where there are very many. An array is what
// the graph's JSON holds: `{shape, dtype, values}`, or a summary of a large one.
// Read next: run.js.

const MOST_COLUMNS = 8; // more than that, or more numbers than this, and cells have no text
const MOST_NUMBERS = 64;
const COMPACT = 24; // the most numbers that are written out within a formula
const BARS = 20;

/** Read a number of the JSON, where NaN and the infinities are words. */
function toNumber(x) {
  if (x === "inf" || x === "-inf") return x === "inf" ? Infinity : -Infinity;
  return Number(x);
}

/** List all numbers of an array, row by row; null if it holds only a summary. */
function flat(array) {
  return "values" in array ? [array.values].flat(Infinity) : null;
}

/** Count an array's elements. */
function size(array) {
  return array.shape.reduce((product, side) => product * side, 1);
}

/** Write a shape as mathematicians do: `4 × 3`. */
function shapeText(shape) {
  return shape.length ? shape.join(" × ") : "a number";
}

/** Tell whether an array's numbers are there, and such as this page can add. */
function canAdd(array) {
  return "values" in array && !array.dtype.startsWith("complex");
}

/** Return an array of ones, as large as another. */
function ones(array) {
  const fill = (x) => (Array.isArray(x) ? x.map(fill) : 1);
  return { ...array, values: fill(array.values) };
}

/** Add two arrays of one shape, element by element. */
function sum(a, b) {
  const add = (x, y) => (Array.isArray(x) ? x.map((each, i) => add(each, y[i])) : plus(x, y));
  return { ...a, values: add(a.values, b.values) };
}

function plus(x, y) {
  const total = toNumber(x) + toNumber(y);
  return Number.isFinite(total) ? total : String(total).toLowerCase().replace("infinity", "inf");
}

/**
 * Return a function that writes numbers with as many decimals as these need.
 * @param {Array<number|string>} values
 * @returns {function((number|string)): string}
 */
function writer(values) {
  const sizes = values.map((x) => Math.abs(toNumber(x))).filter((x) => x && Number.isFinite(x));
  const smallest = Math.min(...sizes);
  const largest = Math.max(...sizes);
  let write = (x) => x.toExponential(2);
  if (sizes.every(Number.isInteger) && !(largest >= 1e6)) write = (x) => String(x);
  else if (largest < 1e4 && smallest >= 1e-4) write = (x) => x.toFixed(smallest < 1e-2 ? 4 : 3);
  else if (largest < 1e4 && largest >= 1e-2) write = (x) => x.toFixed(4);
  return (x) =>
    Number.isFinite(toNumber(x)) ? write(Number(x) + 0).replaceAll("-", "\u2212") : String(x);
}

/** Return how large a number is, from 0 to 1, beside the largest. */
function share(x, largest) {
  const part = Math.abs(toNumber(x)) / largest;
  return Number.isFinite(part) ? part : 0;
}

/** Return the largest size of a number, or 1 if all are 0. */
function largestSize(values) {
  const sizes = values.map((x) => Math.abs(toNumber(x))).filter(Number.isFinite);
  return Math.max(0, ...sizes) || 1;
}

/**
 * Show an array as well as its size allows.
 * @param {Object} array
 * @param {string} label - what it is, for those who cannot see it
 */
function show(array, label) {
  const values = flat(array);
  if (values === null)
    return make("div", { class: "summary" }, summary(array), histogram(array, label));
  if (values.length === 0) return make("span", { class: "chip" }, "empty");
  const written = slices(array).map(([title, rows]) => grid(rows, values, label, title));
  if (values.length <= MOST_NUMBERS) return make("div", { class: "slices" }, written);
  return make("div", { class: "slices" }, written, histogram(binned(values), label));
}

/** Tell whether an array's numbers are few enough to be written within a formula. */
function isShort(array) {
  const columns = array.shape[array.shape.length - 1] ?? 1;
  const isFlat = array.shape.length <= 2 && columns <= 6;
  return "values" in array && size(array) > 0 && size(array) <= COMPACT && isFlat;
}

/** Show an array within a formula: its numbers if they are few, else its name and shape. */
function showInline(array, name) {
  if (!array) return make("span", { class: "chip" }, name); // of an op with several results
  if (!isShort(array)) {
    return make("span", { class: "chip" }, `${name} `, make("small", {}, shapeText(array.shape)));
  }
  const values = flat(array);
  if (values.length > 1) return grid(rowsOf(array.values, array.shape), values, name, "");
  const attributes = { class: "number", title: `${name} = ${values[0]}` };
  return make("span", attributes, writer(values)(values[0]));
}

/** Cut an array into matrices, each with the index it was found under. */
function slices(array) {
  if (array.shape.length <= 2) return [["", rowsOf(array.values, array.shape)]];
  const found = [];
  const cut = (values, index) => {
    if (array.shape.length - index.length > 2)
      values.forEach((each, i) => cut(each, [...index, i]));
    else found.push([`[${index.join(", ")}]`, values]);
  };
  cut(array.values, []);
  return found;
}

/** Return a number, vector or matrix as rows. */
function rowsOf(values, shape) {
  if (shape.length === 0) return [[values]];
  return shape.length === 1 ? [values] : values;
}

/** Draw a matrix: numbers on a ground coloured by sign and size, or the ground alone. */
function grid(rows, all, label, title) {
  const bare = all.length > MOST_NUMBERS || (rows[0] ?? []).length > MOST_COLUMNS;
  const write = writer(all);
  const largest = largestSize(all);
  const body = rows.map((row) =>
    make(
      "tr",
      {},
      row.map((x) => cell(x, write, largest, bare)),
    ),
  );
  const shape = shapeText([rows.length, (rows[0] ?? []).length]);
  const name = `${label}${title && " "}${title}: ${shape}`;
  const table = make(
    "table",
    { class: bare ? "matrix bare" : "matrix", "aria-label": name },
    make("tbody", {}, body),
  );
  return title ? make("figure", {}, make("figcaption", {}, title), table) : table;
}

/** Draw one cell; what it holds exactly is its title. */
function cell(x, write, largest, bare) {
  const kind = Number.isFinite(toNumber(x))
    ? toNumber(x) < 0
      ? "negative"
      : "positive"
    : "strange";
  const element = make("td", { class: kind, title: String(x) }, bare ? "" : write(x));
  element.style.setProperty("--share", share(x, largest).toFixed(3));
  return element;
}

/** Write how the numbers of a large array are spread. */
function summary(array) {
  const write = writer([array.min, array.mean, array.max]);
  const row = (name) => [
    make("dt", {}, name),
    make("dd", { title: String(array[name]) }, write(array[name])),
  ];
  const odd = array.nonfinite
    ? [make("dt", {}, "not finite"), make("dd", {}, array.nonfinite)]
    : [];
  return make(
    "dl",
    { class: "spread" },
    ["min", "mean", "max", "std"].filter((key) => key in array).map(row),
    odd,
  );
}

/** Count numbers into the bars of a histogram. */
function binned(values) {
  const finite = values.map(toNumber).filter(Number.isFinite);
  const low = Math.min(...finite);
  const width = (Math.max(...finite) - low) / BARS || 1;
  const counts = new Array(BARS).fill(0);
  for (const x of finite) counts[Math.min(BARS - 1, Math.floor((x - low) / width))] += 1;
  return { histogram: { edges: counts.concat(0).map((_, i) => low + i * width), counts } };
}

/** Draw a histogram. */
function histogram(array, label) {
  const { edges, counts } = array.histogram;
  if (!counts.some((count) => count)) return null;
  const highest = Math.max(...counts);
  const step = 200 / counts.length;
  const bars = counts.map((count, i) =>
    draw(
      "rect",
      {
        x: i * step,
        y: 60 - (58 * count) / highest,
        width: step - 1,
        height: (58 * count) / highest,
      },
      draw(
        "title",
        {},
        `${count} from ${edges[i].toPrecision(3)} to ${edges[i + 1].toPrecision(3)}`,
      ),
    ),
  );
  const write = writer([edges[0], edges[edges.length - 1]]);
  const [low, high] = [write(edges[0]), write(edges[edges.length - 1])];
  const name = `histogram of ${label}, from ${low} to ${high}`;
  return make(
    "figure",
    { class: "histogram" },
    draw("svg", { viewBox: "0 0 200 60", role: "img", "aria-label": name }, bars),
    make("figcaption", {}, make("span", {}, low), make("span", {}, high)),
  );
}
