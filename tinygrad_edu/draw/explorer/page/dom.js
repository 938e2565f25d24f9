"use strict";
// How the page makes elements. Whatever comes from outside, such as a name, is only ever set as
// text or as an attribute's value, never read as HTML. Read next: numbers.js.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an HTML element.
 * @param {string} tag
 * @param {Object<string, *>} attributes - a function is listened with, `false` leaves out
 * @param {...(Node|string|number|null)} children - text is set as text; null is left out
 * @returns {HTMLElement}
 */
function make(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** Make an SVG element, as `make` does. */
function draw(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** Give an element its attributes and children. */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...present(children));
  return element;
}

/** Put children into an element, in place of those that it has. */
function put(element, ...children) {
  element.replaceChildren(...present(children));
}

/** Leave out what there is not. */
function present(children) {
  return children.flat(Infinity).filter((child) => child !== null);
}

/** Return the element of an id. */
function find(id) {
  return document.getElementById(id);
}
