"""The explorer in a real browser: it shows the true numbers, and is usable by all and harmless."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from explorer_probes import CONTRAST, STATE
from explorer_runs import HOSTILE, article_loss, branching_loss, leaves, nested_loss

import tinygrad_edu as tg
from tinygrad_edu.draw.dot import visible
from tinygrad_edu.draw.explorer import explore
from tinygrad_edu.draw.read import graph
from tinygrad_edu.draw.training_record import record_training

Visit = Callable[..., Any]


def step(page: Any) -> str:
    """Return what the page says the step is."""
    text: str = page.inner_text("#time-text")
    return text


def walk_through(page: Any) -> list[Any]:
    """Press the right arrow until the end; return what each step says."""
    steps = [page.evaluate(STATE)]
    while not steps[-1]["end"]:
        page.keyboard.press("ArrowRight")
        steps.append(page.evaluate(STATE))
    return steps


def gradients(page: Any) -> dict[str, Any]:
    """Walk through a run; return the numbers that were last written for each node."""
    found: dict[str, Any] = {}
    for each in walk_through(page):
        found |= dict(each["arrivals"])
    return found


@pytest.mark.parametrize("run", [article_loss, branching_loss, nested_loss])
def test_the_steps_reach_the_very_numbers_that_backward_does(
    visit: Visit, run: Callable[[], tg.Tensor]
) -> None:
    loss = run()
    shown = gradients(visit(loss))
    names = {node.name: node.gradient for node in graph(loss).nodes if node.role == "parameter"}
    assert len(names) >= 2
    for name, gradient in names.items():
        assert np.array_equal(shown[name], gradient.ravel())
    if run is not nested_loss:  # whose parameters' names come from the model
        for name, gradient in leaves(loss).items():
            assert np.array_equal(shown[name], gradient.ravel())


def test_where_gradients_meet_the_sum_is_written_out(visit: Visit) -> None:
    page = visit(branching_loss())
    seen = [text for each in walk_through(page) for text in each["meetings"]]
    arrivals = [text for text in seen if "gradient of w" in text]
    assert [text.split(" (")[0] for text in arrivals[:1]] == ["gradient of w = dx"]
    assert all("gradient of w += dx" in text for text in arrivals[1:])
    assert len(arrivals) == 3


def test_every_rule_is_shown_as_it_stands_beside_its_op(visit: Visit) -> None:
    page, seen = visit(), set()
    while page.is_enabled("#next"):
        page.click("#next")
        seen |= set(
            page.eval_on_selector_all("#step .rule", "all => all.map((e) => e.textContent)")
        )
    assert "dx = dy * (y * (1 - y))" in seen


def test_names_stay_text_whatever_is_in_them(visit: Visit, hostile: Any) -> None:
    page = visit(hostile)
    page.evaluate("() => { window.pwned = () => { window.harmed = true; }; }")
    walk_through(page)
    for node in page.query_selector_all("#picture .node"):
        node.press("Enter")
    assert page.evaluate("window.harmed") is None
    assert page.query_selector_all("img, iframe, object, embed, a, base, link") == []
    shown = page.eval_on_selector_all("#tables td", "all => all.map((cell) => cell.textContent)")
    assert {visible(name) for name in HOSTILE} <= set(shown)


def test_the_pages_own_policy_refuses_requests_and_foreign_scripts(visit: Visit) -> None:
    page = visit()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        for attempt in ("fetch(address).catch(() => 0)", "new Image().src = address"):
            page.evaluate(f"async (address) => {{ {attempt} }}", address)
        with pytest.raises(TimeoutError):
            server.accept()
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.harmed = 1'; "
        "document.body.append(s); }"
    )
    assert page.evaluate("window.harmed") is None
    assert sum("Content Security Policy" in each for each in page.noise) >= 3
    page.noise.clear()


def test_all_of_it_can_be_done_by_keyboard(visit: Visit) -> None:
    page = visit()
    press = page.keyboard.press
    press("ArrowRight")
    assert step(page) == "Forward 1 of 7"
    press("End")
    assert step(page) == "Backward 7 of 7"
    press("ArrowLeft")
    assert step(page) == "Backward 6 of 7"
    press("Home")
    assert step(page) == "The start"
    press(" ")
    assert page.get_attribute("#play", "aria-label") == "stop"
    press(" ")
    assert page.get_attribute("#play", "aria-label") == "let it run"
    page.focus("#time")
    press("ArrowRight")
    assert step(page) == "Forward 1 of 7"
    page.focus("#next")
    press(" ")
    assert step(page) == "Forward 2 of 7"
    page.focus('#picture [aria-label^="weights2"]')
    press("Enter")
    assert page.inner_text("#node .name").startswith("weights2")
    assert step(page) == "Forward 2 of 7"


def test_the_run_plays_by_itself_and_stops_at_the_end(visit: Visit) -> None:
    page = visit(tg.Tensor(2.0, requires_grad=True, name="w") * 3)
    page.clock.install()
    page.click("#play")
    page.clock.run_for(60_000)
    assert step(page) == "Backward 1 of 1"
    assert page.get_attribute("#play", "aria-label") == "let it run"


def test_a_screen_reader_is_told_of_every_step_and_of_every_part(visit: Visit) -> None:
    page = visit()
    assert page.get_attribute("#status", "aria-live") == "polite"
    page.keyboard.press("ArrowRight")
    assert "t1 = x @ weights1" in page.inner_text("#status")
    unnamed = """all => all.filter((e) => !(e.ariaLabel || e.textContent.trim())).length"""
    assert (
        page.eval_on_selector_all("button, [role=button], [role=img], input, table", unnamed) == 0
    )
    labels = page.eval_on_selector_all("#picture .node", "all => all.map((e) => e.ariaLabel)")
    assert "weights1, parameter, shape (3, 4)" in labels
    assert page.get_attribute("#picture .active", "aria-current") == "step"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out_from_its_ground(visit: Visit, scheme: str) -> None:
    page = visit(color_scheme=scheme)
    page.keyboard.press("End")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
    ratios = page.evaluate(CONTRAST, "p, h1, h2, h3, dt, dd, td, code, .phase, .link, .operator")
    assert len(ratios) > 40
    assert min(ratios) >= 4.5


def test_where_a_gradient_comes_from_leads_to_that_node(visit: Visit) -> None:
    page = visit()
    page.click('#picture [aria-label^="layer1"]')
    assert "from t2 = layer1 @ weights2 through a" in page.inner_text("#node .origins")
    page.click("#node .origins button")
    assert page.inner_text("#node .name") == "t2 = layer1 @ weights2"
    assert page.get_attribute("#picture .chosen", "aria-label").startswith("t2 ")


def test_modules_are_closed_and_opened(visit: Visit) -> None:
    page = visit(nested_loss())
    count = "document.querySelectorAll('#picture .node').length"
    opened = page.evaluate(count)
    for _ in range(3):
        page.click("#fewer")
    closed = page.evaluate(count)
    assert closed < opened
    assert page.is_disabled("#fewer")
    page.keyboard.press("ArrowRight")
    assert "folded" in page.get_attribute("#picture .active", "class")
    page.press("#picture .folded", "Enter")
    assert page.evaluate(count) > closed
    page.press("#picture .cluster", "Enter")
    assert page.evaluate(count) == closed


def test_the_second_slider_shows_the_course_of_the_training(visit: Visit, tmp_path: Path) -> None:
    w = tg.Tensor([3.0], requires_grad=True, name="w")
    record, course = record_training(), []
    for _ in range(6):
        prediction = w * 2
        loss = (prediction**2).sum()
        w.grad = None
        loss.backward()
        record.see(loss, prediction, np.zeros(1))
        course.append((w.item(), w.grad.item(), prediction.item(), loss.item()))
        w.data -= 0.05 * w.grad
    page = visit(path=record.explore(tmp_path / "training.html"))
    page.click('#picture [aria-label^="w,"]')
    page.focus("#moment")
    page.keyboard.press("Home")
    for position, iteration in enumerate([0, 1, 2, 5]):
        if position:
            page.keyboard.press("ArrowRight")
        value, gradient, prediction, loss = course[iteration]
        cells = page.eval_on_selector_all("#node td", "all => all.map((e) => Number(e.title))")
        assert cells[:2] == [value, gradient]
        assert page.inner_text("#moment-text").startswith(f"iteration {iteration}, loss")
        (shown,) = page.eval_on_selector_all(
            "#predictions td[title]", "all => all.map((e) => e.title)"
        )
        assert float(shown) == prediction
        assert f"at iteration {iteration} it is" in page.get_attribute("#curve svg", "aria-label")


def test_with_javascript_off_the_picture_and_the_tables_are_there(visit: Visit) -> None:
    page = visit(java_script_enabled=False)
    assert page.is_visible(".without-script svg")
    assert page.locator("#tables tbody tr").first.is_visible()
    assert page.locator(".without-script .node").count() == 12
    assert not page.is_visible("#next")
    assert "dy * (y * (1 - y))" in page.inner_text("#tables")


def test_without_a_picture_the_steps_are_there(
    visit: Visit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tinygrad_edu.draw.render import RenderError

    def fail(*_: Any) -> bytes:
        raise RenderError("no Graphviz")

    monkeypatch.setattr("tinygrad_edu.draw.explorer.pictures.render", fail)
    loss = article_loss()
    page = visit(path=explore(graph(loss), tmp_path / "bare.html"))
    assert page.is_visible("#tables tbody")
    shown = gradients(page)
    for name, gradient in leaves(loss).items():
        assert np.array_equal(shown[name], gradient.ravel())


def test_it_prints_with_its_tables_and_without_its_buttons(visit: Visit) -> None:
    page = visit()
    assert page.get_attribute("#tables", "open") is None
    assert page.pdf().startswith(b"%PDF")
    assert page.get_attribute("#tables", "open") is not None
    page.emulate_media(media="print")
    assert not page.is_visible("#next")
    assert page.is_visible("#picture svg")


def test_on_a_phone_nothing_is_wider_than_the_screen_and_buttons_can_be_hit(visit: Visit) -> None:
    page = visit(viewport={"width": 360, "height": 740}, has_touch=True)
    for _ in range(3):
        page.tap("#next")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for button in page.query_selector_all(".bar button"):
        box = button.bounding_box()
        assert box is None or min(box["width"], box["height"]) >= 40
    active = page.query_selector("#picture .active").bounding_box()
    assert -1 <= active["x"] <= 360


def test_large_arrays_are_shown_as_histograms(visit: Visit) -> None:
    w = tg.Tensor(np.linspace(-1, 1, 3000), requires_grad=True, name="w")
    page = visit((w * w).sum())
    walk_through(page)
    page.click('#picture [aria-label^="w,"]')
    assert page.locator("#node .histogram").count() == 2
    assert page.get_attribute("#node .histogram svg", "aria-label").startswith(
        "histogram of value of w"
    )


def test_what_is_not_a_finite_number_is_shown_as_what_it_is(visit: Visit) -> None:
    w = tg.Tensor([np.nan, np.inf, -np.inf, 1.0], requires_grad=True, name="w")
    page = visit((w * w).sum())
    walk_through(page)
    page.click('#picture [aria-label^="w,"]')
    shown = page.eval_on_selector_all("#node .matrix td", "all => all.map((e) => e.textContent)")
    assert shown[:4] == ["nan", "inf", "-inf", "1"]
