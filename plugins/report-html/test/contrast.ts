/**
 * Texts of the page whose contrast is below 4.5:1 (WCAG 2.2, 1.4.3), as `text: ratio`.
 * Runs in the browser: plain JavaScript in a string, since tests are typed without the DOM.
 */
export const contrastFaults = `(() => {
  const parse = (color) => color.match(/[\\d.]+/g).map(Number)
  const luminance = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const background = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = parse(getComputedStyle(e).backgroundColor)
      if (color.length === 3 || color[3] === 1) return color
    }
    return [255, 255, 255]
  }
  const faults = new Set()
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement
    if (!node.data.trim() || !element.checkVisibility()) continue
    const pair = [parse(getComputedStyle(element).color), background(element)].map(luminance).sort((a, b) => b - a)
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05)
    if (ratio < 4.5) faults.add(node.data.trim() + ': ' + ratio.toFixed(2))
  }
  return [...faults]
})()`
