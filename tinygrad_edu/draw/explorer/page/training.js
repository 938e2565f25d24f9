"use strict";
// Training: a slider over the moments that were recorded, the loss curve with the moment on it, and
// the predictions at that moment. Read next: explorer.js.

const CURVE = { width: 480, height: 150, left: 44, bottom: 24, top: 8, right: 10 };

class TrainingPanel {
  /**
   * @param {Run} run
   * @param {function()} changed - called when another moment is looked at
   */
  constructor(run, changed) {
    this.run = run;
    this.record = run.training;
    this.slider = find("moment");
    find("training").hidden = !this.record;
    if (!this.record) return;
    this.slider.max = this.record.snapshots.length - 1;
    this.slider.addEventListener("input", () => {
      this.open(Number(this.slider.value));
      changed();
    });
    this.open(this.record.snapshots.length - 1);
  }

  /** Look at a moment. */
  open(number) {
    const snapshot = this.record.snapshots[number];
    this.run.moment = snapshot;
    this.slider.value = number;
    const text = `iteration ${snapshot.iteration}, loss ${Number(snapshot.loss).toPrecision(4)}`;
    find("moment-text").textContent = text;
    this.slider.setAttribute("aria-valuetext", text);
    put(find("curve"), lossCurve(this.record, snapshot));
    put(find("predictions"), predictions(this.record, snapshot));
  }
}

/** Draw the loss of all iterations, and a dot for this moment. */
function lossCurve(record, snapshot) {
  const points = record.losses
    .map(([iteration, loss]) => [iteration, toNumber(loss)])
    .filter(([, loss]) => Number.isFinite(loss));
  const last = Math.max(1, ...points.map(([iteration]) => iteration));
  const highest = Math.max(...points.map(([, loss]) => loss)) || 1;
  const { width, height, left, bottom, top, right } = CURVE;
  const x = (iteration) => left + ((width - left - right) * iteration) / last;
  const y = (loss) => top + (height - top - bottom) * (1 - loss / highest);
  const line = points
    .map(([iteration, loss]) => `${x(iteration).toFixed(1)},${y(loss).toFixed(1)}`)
    .join(" ");
  const label = (text, at, anchor) =>
    draw("text", { x: at[0], y: at[1], "text-anchor": anchor }, text);
  const here = `at iteration ${snapshot.iteration} it is ${Number(snapshot.loss).toPrecision(3)}`;
  const name = `The loss of ${last + 1} iterations; ${here}`;
  return draw(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": name },
    draw("path", { class: "axes", d: `M${left},${top}V${height - bottom}H${width - right}` }),
    label(highest.toPrecision(3), [left - 4, top + 8], "end"),
    label("0", [left - 4, height - bottom], "end"),
    label("0", [left, height - 8], "middle"),
    label(String(last), [width - right, height - 8], "end"),
    label("iteration", [width / 2, height - 8], "middle"),
    draw("polyline", { class: "losses", points: line }),
    draw("circle", {
      class: "now",
      cx: x(snapshot.iteration),
      cy: y(toNumber(snapshot.loss)),
      r: 5,
    }),
  );
}

/** Write the predictions beside what was wanted. */
function predictions(record, snapshot) {
  if (!snapshot.predictions) return null;
  const found = flat(snapshot.predictions) ?? [];
  const wanted = record.targets ? (flat(record.targets) ?? []) : [];
  const write = writer(found);
  const rows = found
    .slice(0, 32)
    .map((x, i) =>
      make(
        "tr",
        {},
        make("th", { scope: "row" }, i + 1),
        make("td", { title: String(x) }, write(x)),
        bar(toNumber(x)),
        make("td", {}, String(wanted[i] ?? "")),
      ),
    );
  const head = ["sample", "prediction", "", "wanted"].map((title) =>
    make("th", { scope: "col" }, title),
  );
  return make(
    "table",
    { class: "predictions" },
    make("caption", {}, "Predictions"),
    make("thead", {}, make("tr", {}, head)),
    make("tbody", {}, rows),
  );
}

/** Draw a prediction between 0 and 1 as a bar. */
function bar(x) {
  const width = 100 * Math.min(1, Math.max(0, x));
  return make(
    "td",
    { class: "gauge" },
    draw(
      "svg",
      { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
      draw("rect", { class: "rail", width: 100, height: 10 }),
      draw("rect", { class: "level", width, height: 10 }),
    ),
  );
}
