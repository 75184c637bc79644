/** Contrast as WCAG 2.2 reckons it (1.4.3): between 1 and 21; text needs 4.5 against what is behind it. */

/** Red, green and blue, each from 0 to 1. */
export type Colour = readonly [number, number, number]

export const LEAST_CONTRAST = 4.5
export const WHITE: Colour = [1, 1, 1]

export function contrastOf(a: Colour, b: Colour): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (high + 0.05) / (low + 0.05)
}

function luminance(colour: Colour): number {
  const [r = 0, g = 0, b = 0] = colour.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** `#1a1a1a` or `#abc`; undefined of anything else. */
export function colourOf(text: string): Colour | undefined {
  const [, hex] = /^#([0-9a-f]{6}|[0-9a-f]{3})$/i.exec(text.trim()) ?? []
  if (hex === undefined) return undefined
  const full = hex.length === 3 ? [...hex].map((one) => one + one).join('') : hex
  const part = (at: number) => Number.parseInt(full.slice(at, at + 2), 16) / 255
  return [part(0), part(2), part(4)]
}
