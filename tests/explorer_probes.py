"""Questions that the tests ask of the explorer's page, in the browser's own language."""

STATE = """() => ({
    end: document.getElementById("next").disabled,
    rules: [...document.querySelectorAll("#step .rule")].map((each) => each.textContent),
    meetings: [...document.querySelectorAll("#step .meeting")].map((each) => each.textContent),
    arrivals: [...document.querySelectorAll("#step .argument:not(.none)")].map((part) => {
        const formulas = [...part.querySelectorAll(".formula")];
        const last = formulas[formulas.length - 1].lastElementChild;
        const cells = last.matches(".matrix") ? [...last.querySelectorAll("td")] : [last];
        return [part.querySelector("h3 button").textContent,
                cells.map((cell) => Number(cell.title.split("= ").pop()))];
    }),
})"""
"""What a step says; of each argument on the way back its name, and the last numbers written."""

CONTRAST = """(selector) => {
    const rgb = (text) => {
        const canvas = document.createElement("canvas").getContext("2d");
        canvas.fillStyle = text;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = (color) => {
        const parts = color.slice(0, 3).map((x) => x / 255)
            .map((x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4));
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    };
    const ground = (element) => {
        const color = rgb(getComputedStyle(element).backgroundColor);
        return color[3] > 0 ? color : ground(element.parentElement);
    };
    const contrast = (each) => {
        const pair = [light(rgb(getComputedStyle(each).color)), light(ground(each))];
        return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    };
    const inPicture = (group) => {
        const shape = group.querySelector("path, polygon");
        const pair = [shape, group.querySelector("text")]
            .map((each) => light(rgb(getComputedStyle(each).fill)));
        return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    };
    const all = [...document.querySelectorAll(selector)];
    const boxes = [...document.querySelectorAll("#picture .node")];
    return [...all.filter((each) => each.checkVisibility()).map(contrast), ...boxes.map(inPicture)];
}"""
"""The contrast of text with its ground, after the Web Content Accessibility Guidelines."""
