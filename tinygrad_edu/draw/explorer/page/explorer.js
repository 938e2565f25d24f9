"use strict";
// The page as a whole: which step, which node and which moment in training are looked at, and the
// keys, buttons and sliders that change it. This file is read last and starts everything; the order
// of reading is dom, numbers, run, formula, picture, step_panel, node_panel, training.

const PLAY_MS = 1600;

class Explorer {
  /** @param {{graph: Object, training: (Object|null)}} data */
  constructor(data) {
    this.run = new Run(data.graph, data.training);
    this.step = 0;
    this.timer = null;
    const link = (id, text) => this.link(id, text);
    this.picture = new Picture(this.run, (id) => this.choose(id));
    this.stepPanel = new StepPanel(this.run, link);
    this.nodePanel = new NodePanel(this.run, link);
    this.training = new TrainingPanel(this.run, () => this.update());
    this.slider = find("time");
    this.slider.max = this.run.steps.length - 1;
    find("tables").open = this.picture.layouts.length === 0;
    this.listen();
    this.go(0);
  }

  listen() {
    const click = (id, action) => find(id).addEventListener("click", action);
    click("first", () => this.stepTo(0));
    click("back", () => this.stepTo(this.step - 1));
    click("play", () => this.play());
    click("next", () => this.stepTo(this.step + 1));
    click("last", () => this.stepTo(Infinity));
    click("fewer", () => this.picture.refold(this.picture.depth - 1));
    click("more", () => this.picture.refold(this.picture.depth + 1));
    this.slider.addEventListener("input", () => this.stepTo(Number(this.slider.value)));
    document.addEventListener("keydown", (event) => this.key(event));
    window.addEventListener("beforeprint", () => (find("tables").open = true));
  }

  /** Go by keys, unless they mean something to what has the focus. */
  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input")) return;
    const isButton = event.target.closest("button, summary, [role=button]");
    const scrolls = event.target.closest(".scroll") && event.key.startsWith("Arrow");
    const actions = {
      ArrowRight: () => this.stepTo(this.step + 1),
      ArrowLeft: () => this.stepTo(this.step - 1),
      Home: () => this.stepTo(0),
      End: () => this.stepTo(Infinity),
      " ": () => this.play(),
    };
    if (!(event.key in actions) || scrolls || (event.key === " " && isButton)) return;
    event.preventDefault();
    actions[event.key]();
  }

  /** Go to a step because somebody wants it: that ends what was running. */
  stepTo(number) {
    this.stop();
    this.go(number);
  }

  go(number) {
    this.step = Math.max(0, Math.min(number, this.run.steps.length - 1));
    this.chosen = this.run.steps[this.step].node;
    this.update();
  }

  /** Look at a node, and stay at the step. */
  choose(id) {
    this.chosen = id;
    this.update();
    find("status").textContent = `Chosen: ${sentenceOf(this.run.node(id))}`;
  }

  /** Show everything as it now is. */
  update() {
    const step = this.run.steps[this.step];
    this.slider.value = this.step;
    this.slider.setAttribute("aria-valuetext", phase(this.run, step));
    find("time-text").textContent = phase(this.run, step);
    for (const id of ["first", "back"]) find(id).disabled = this.step === 0;
    for (const id of ["next", "last"]) find(id).disabled = this.step === this.run.steps.length - 1;
    this.picture.update(this.step, this.chosen);
    this.stepPanel.show(step, this.step);
    this.nodePanel.show(this.chosen);
  }

  /** Let the steps run by themselves, or stop them. */
  play() {
    if (this.timer !== null) {
      this.stop();
      return;
    }
    if (this.step === this.run.steps.length - 1) this.go(0);
    this.timer = setInterval(() => this.tick(), PLAY_MS);
    this.showPlaying(true);
  }

  tick() {
    this.go(this.step + 1);
    if (this.step === this.run.steps.length - 1) this.stop();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.showPlaying(false);
  }

  showPlaying(on) {
    find("play").textContent = on ? "❚❚" : "▶";
    find("play").setAttribute("aria-label", on ? "stop" : "let it run");
  }

  /** Make a button that chooses a node. */
  link(id, text) {
    return make(
      "button",
      { type: "button", class: "link", "data-node": id, click: () => this.choose(id) },
      text ?? this.run.node(id).name,
    );
  }
}

document.documentElement.classList.add("scripted");
new Explorer(JSON.parse(find("data").textContent));
