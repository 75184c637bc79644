/** Histories of one month with kills in them. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  committed,
  type Month,
  nothingDoneAgain,
  type Outcome,
  randomFrom,
  run,
  sameAs,
  startRun,
  verified,
} from './month.ts'
import { goneFrom, newPlace, type Place, startFake } from './program.ts'

/** Every point that the line names, in the order of the line. */
export function failpoints(): string[] {
  const text = readFileSync(resolve(import.meta.dirname, '../../src/entry/line/line.ts'), 'utf8')
  const union = /export type Failpoint =([^]*?)\n\n/.exec(text)?.[1] ?? ''
  const points = [...union.matchAll(/'([a-z:-]+)'/g)].map((match) => match[1] as string)
  assert.ok(points.length >= 20, `only ${points.length} failpoints were found`)
  return points
}

/** Points that are named, but that no code reaches. */
export function deadPoints(): string[] {
  const line = resolve(import.meta.dirname, '../../src/entry/line')
  const code = globSync('*.ts', { cwd: line }).map((name) => readFileSync(join(line, name), 'utf8'))
  return failpoints().filter((point) => !code.some((text) => text.includes(`at('${point}')`)))
}

/** One history: killed at each point, the nth time a thread reaches it; then run to its end. `prepare`: before it. */
export async function killedAtEach(
  month: Month,
  reference: Outcome,
  points: readonly string[],
  nth: number,
  prepare: (place: Place) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const place = await newPlace('points')
  await startFake(place)
  await prepare(place)
  let before = new Map<string, string>()
  for (const point of points) {
    const ended = await run(place, month, { TOEK_FAILPOINT: `${point}#${nth}` })
    assert.equal(ended.signal, 'SIGKILL', `${point} was not reached: exit ${ended.code} ${ended.err}`)
    await goneFrom(place.url)
    const after = await committed(place.url)
    nothingDoneAgain(before, after, `killed at ${point}`)
    before = after
  }
  await sameAs(reference, place, await run(place, month), `killed at ${points.join(', ')}`)
  await verified(place)
  nothingDoneAgain(before, await committed(place.url), 'the last run')
}

/** Histories killed at random moments, until so many kills have hit. The program starts its own fake rail here. */
export async function killedAtRandom(month: Month, reference: Outcome, seed: number, kills: number): Promise<number> {
  const random = randomFrom(seed)
  let hit = 0
  let histories = 0
  while (hit < kills) {
    histories++
    const place = await newPlace('random')
    let before = new Map<string, string>()
    for (;;) {
      const running = startRun(place, month)
      const delay = Math.round(reference.ms * (0.1 + 0.6 * random()))
      const alarm = setTimeout(() => running.child.kill('SIGKILL'), hit < kills ? delay : 1 << 30)
      const ended = await running.ended
      clearTimeout(alarm)
      await goneFrom(place.url)
      const after = await committed(place.url)
      const what = `seed ${seed}, history ${histories}, kill ${hit + 1} after ${delay} ms`
      nothingDoneAgain(before, after, what)
      before = after
      if (ended.signal !== 'SIGKILL') {
        await sameAs(reference, place, ended, what)
        await verified(place)
        break
      }
      hit++
    }
  }
  return histories
}
