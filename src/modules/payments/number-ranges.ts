/** Numbers as ranges: what a rail accepts is nearly always everything but a few. */

/** Half-open, ascending, not touching. */
export type Ranges = readonly (readonly [from: number, to: number])[]

/** `numbers` ascend and none stands twice. */
export function rangesOf(numbers: readonly number[]): Ranges {
  const ranges: [number, number][] = []
  for (const number of numbers) {
    const last = ranges.at(-1)
    if (last !== undefined && last[1] === number) last[1] = number + 1
    else ranges.push([number, number + 1])
  }
  return ranges
}

/** As PostgreSQL writes an int4multirange: `{[1,4),[6,7)}`. */
export function asText(ranges: Ranges): string {
  return `{${ranges.map(([from, to]) => `[${from},${to})`).join(',')}}`
}

/** The numbers of an int4multirange as PostgreSQL writes it. */
export function* numbersIn(text: string): Generator<number> {
  for (const [, from, to] of text.matchAll(/\[(\d+),(\d+)\)/g)) {
    for (let number = Number(from); number < Number(to); number++) yield number
  }
}
