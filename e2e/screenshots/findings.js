// Runs in the page; answers a list of sentences, each of which says what is wrong.
const found = [];
const name = (element) => {
  const id = element.id ? `#${element.id}` : "";
  return `<${element.localName}${id}> "${element.textContent.trim().slice(0, 40)}"`;
};

const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const rgba = (color) => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
};
const over = ([r, g, b, a], below) => [r, g, b].map((value, i) => (value * a + below[i] * (255 - a)) / 255);
const backdrop = (element) => {
  const layers = [];
  for (let e = element; e; e = e.parentElement) {
    const color = rgba(getComputedStyle(e).backgroundColor);
    layers.push(color);
    if (color[3] === 255) break;
  }
  return layers.reduceRight((below, color) => over(color, below), [255, 255, 255]);
};
const luminance = (color) => {
  const [r, g, b] = color.map((value) => {
    const channel = value / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (one, other) => {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};
const isShown = (element) => element.checkVisibility({ visibilityProperty: true })
  && !element.closest(".visually-hidden, .skip");

// WCAG 1.4.10: no sideways scrolling, folded and unfolded.
const checkWidth = () => {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) found.push(`it is ${scrollWidth} pixels wide`);
};
checkWidth();
for (const details of document.querySelectorAll("details")) details.open = true;
checkWidth();

// WCAG 1.4.3: text has contrast.
for (const element of document.querySelectorAll("body, body *")) {
  const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  if (!(hasText || element.localName === "input") || !isShown(element)) continue;
  const style = getComputedStyle(element);
  const size = parseFloat(style.fontSize);
  const isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
  const behind = backdrop(element);
  const ratio = contrast(over(rgba(style.color), behind), behind);
  if (ratio < (isLarge ? 3 : 4.5)) found.push(`text contrast ${ratio.toFixed(2)} of ${name(element)}`);
}

// WCAG 1.4.11: what can be used, and what icons say, can be seen.
for (const field of document.querySelectorAll("input:not([type=hidden], [type=checkbox]), .icon")) {
  if (!isShown(field)) continue;
  const style = getComputedStyle(field);
  const behind = backdrop(field.parentElement);
  const color = field.localName === "input" ? style.borderTopColor : style.stroke;
  const ratio = contrast(over(rgba(color), behind), behind);
  if (field !== document.activeElement && ratio < 3) found.push(`outline contrast ${ratio.toFixed(2)} of ${name(field)}`);
}

// WCAG 2.5.8: targets of 24 pixels, other than links inside a sentence.
for (const target of document.querySelectorAll("a, button, summary, input:not([type=hidden])")) {
  if (!isShown(target)) continue;
  const isInSentence = target.localName === "a" && getComputedStyle(target).display === "inline"
    && target.closest("p, li") && target.closest("p, li").textContent.trim() !== target.textContent.trim();
  const { width, height } = (target.closest("label") ?? target).getBoundingClientRect();
  if (!isInSentence && Math.min(width, height) < 24) found.push(`${name(target)} is ${width.toFixed(0)} × ${height.toFixed(0)}`);
}

// WCAG 2.4.11 and 2.4.7: what has the focus shows it.
for (const element of document.querySelectorAll("a, button, summary, input:not([type=hidden])")) {
  if (!isShown(element)) continue;
  element.focus({ focusVisible: true });
  if (getComputedStyle(element).outlineStyle === "none") found.push(`${name(element)} has no visible focus`);
}

return found;
