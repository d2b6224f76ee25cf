// Small helpers for the page's elements.

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

export function html(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// Write text only where it differs: screen readers and layout see no needless change.
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function setLabel(element, text) {
  if (element.getAttribute("aria-label") !== text) element.setAttribute("aria-label", text);
}

export const fixed = (number) => Number(number.toFixed(1));

// Make `parent` hold the parts [name, attributes, text]; elements of the same name and class stay,
// so that their shapes can glide.
export function patch(parent, parts) {
  parts.forEach(([name, attributes, text = ""], index) => {
    const old = parent.children[index];
    const fits = old?.tagName === name && old.getAttribute("class") === attributes.class;
    const element = fits ? old : svg(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text) setText(element, text);
    if (!old) parent.append(element);
    else if (!fits) old.replaceWith(element);
  });
  while (parent.children.length > parts.length) parent.lastChild.remove();
}
