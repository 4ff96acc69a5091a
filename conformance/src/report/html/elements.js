"use strict";

// Makes elements without parsing a string as HTML.

const SVG = "http://www.w3.org/2000/svg";

function make(name, attributes = {}, ...content) {
  return fill(document.createElement(name), attributes, content);
}

function draw(name, attributes = {}, ...content) {
  return fill(document.createElementNS(SVG, name), attributes, content);
}

function fill(element, attributes, content) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...content.filter((it) => it !== undefined && it !== ""));
  return element;
}

/** Returns the nodes of a text in which backticks enclose code. */
const prose = (text) => text.split("`").map((part, at) => (at % 2 ? make("code", {}, part) : part));
const number = (count) => count.toLocaleString("en");
const plural = (count, word) => `${number(count)} ${word}${count === 1 ? "" : "s"}`;

const data = JSON.parse(document.getElementById("data").textContent);

/** Shows the rows of the first `size` entries, and a button for more. */
function inChunks(list, button, size, entries, row) {
  let shown = 0;
  const more = () => {
    const next = entries.slice(shown, shown + size);
    shown += next.length;
    list.append(...next.map(row));
    const left = entries.length - shown;
    button.hidden = left === 0;
    button.textContent = `Show ${number(Math.min(size, left))} more of ${number(left)}`;
  };
  list.replaceChildren();
  button.onclick = () => {
    const from = list.childElementCount;
    more();
    list.children[from]?.querySelector("summary")?.focus({ preventScroll: true });
  };
  more();
}
