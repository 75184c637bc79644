/** Every Markdown file in test/scenarios is a rule, told by an example that is played on the whole line. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Municipality } from '../src/base/id.ts'
import { type TestLine, testLine } from './support/line.ts'
import { playScenario } from './support/play-scenario.ts'
import { readScenario } from './support/read-scenario.ts'

/** Each takes a municipality or more; a line has 98, and gets slower with what it has played. */
const SCENARIOS_OF_A_LINE = 40

const folder = join(import.meta.dirname, 'scenarios')
const names = readdirSync(folder).filter((name) => name.endsWith('.md') && name !== 'README.md')

let line: TestLine | undefined
const taken = new Set<Municipality>()
after(() => line?.close())

async function lineOf(scenario: number): Promise<TestLine> {
  if (line !== undefined && scenario % SCENARIOS_OF_A_LINE !== 0) return line
  await line?.close()
  taken.clear()
  line = undefined
  line = await testLine()
  return line
}

/** A municipality of its own for each scenario: by code when it needs that one's rounding, else any ordinary one. */
function takeMunicipality(one: TestLine, name: string): Municipality {
  const asked = /^\d{4}$/.test(name) ? Number(name) : undefined
  const code = asked ?? one.rates.book.municipalities.find((row) => !taken.has(row.code) && isOrdinary(row))?.code
  if (code === undefined || taken.has(code)) throw new Error(`municipality ${name} is taken by another scenario`)
  taken.add(code)
  return code
}

function isOrdinary(one: { taxMethod: string; batchBooking: boolean }): boolean {
  return one.taxMethod === 'base_tens_tax_up' && one.batchBooking
}

test('there are scenarios', () => assert.ok(names.length >= 15, `${names.length}`))

test('what the catalogue names is there', () => {
  const rows = readFileSync(join(folder, 'README.md'), 'utf8').match(/^\| K\d.*$/gm) ?? []
  assert.ok(rows.length > 20, `${rows.length}`)
  for (const row of rows) {
    const shown = row.split('|')[3]?.trim() ?? ''
    for (const one of shown.split(', ').filter((text) => text !== '')) {
      const name = one.replace(/ \(.*\)$/, '')
      const path = name.includes('/') ? join(import.meta.dirname, '..', name) : join(folder, `${name}.md`)
      assert.ok(existsSync(path), `${row.slice(0, 8)} names ${name}`)
    }
  }
})

for (const [number, name] of names.entries()) {
  const scenario = readScenario(readFileSync(join(folder, name), 'utf8'))
  test(name.slice(0, -'.md'.length).replaceAll('-', ' '), async (context) => {
    const own = await lineOf(number)
    const played = playScenario(own, scenario, (place) => takeMunicipality(own, place))
    if (scenario.knownFault === '') return await played
    await played.catch((error: unknown) => {
      if (error instanceof assert.AssertionError) context.todo(scenario.knownFault)
      throw error
    })
    assert.fail('The rule is kept now: delete the line "Kendt fejl" of the scenario.')
  })
}
