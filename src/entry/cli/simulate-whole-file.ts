/** `toek simulate` of an order file: sums, what would be held, and the largest differences. */
import { createReadStream } from 'node:fs'
import { readJson, readLines } from '../../adapters/source-systems/index.ts'
import { parseMonth } from '../../base/date.ts'
import { formatKroner } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { type FileSimulation, type FileSums, simulateFile } from '../line/simulate-file.ts'
import { HOLD } from '../text/index.ts'
import { benefitNames } from './benefit-names.ts'
import { EXIT, lineFor, reporter, withDatabase, type World } from './world.ts'

const read = (path: string) => createReadStream(path, { highWaterMark: 1 << 18 })

/** The first line of the file when it is an envelope; undefined when the file is one order. */
export async function envelopeIn(path: string): Promise<Record<string, unknown> | undefined> {
  for await (const lines of readLines(read(path)).batches) {
    const first = lines[0]
    if (first === undefined) continue
    const json = first.problem === undefined ? readJson(first.text) : undefined
    const value = json?.fault === undefined ? json?.value : undefined
    return isEnvelope(value) ? value : undefined
  }
  return undefined
}

function isEnvelope(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && (value as { record?: unknown }).record === 'envelope'
}

export async function wholeFile(
  world: World,
  path: string,
  envelope: Record<string, unknown>,
  values: { readonly month?: string | undefined; readonly json?: boolean | undefined },
): Promise<number> {
  const month = parseMonth(values.month ?? String(envelope['month']))
  if (month === undefined) throw new Refusal('usage', 'Say which month would be run: --month YYYY-MM.')
  const json = values.json === true
  return await withDatabase(world, 'loader', 'simulate', async (opened, connection) => {
    const show = reporter(world, json)
    const line = lineFor(world, opened, connection)
    const simulation = await simulateFile(line, () => read(path), {
      month,
      actor: world.user,
      onStage: (stage, total) => show.stage(stage, total),
      onDone: (done) => show.done(done),
    })
    show.end()
    world.out(json ? `${JSON.stringify(simulation)}\n` : asText(simulation, benefitNames(opened.rates)))
    if (simulation.held.length > 0) return EXIT.person
    return simulation.refused.length > 0 ? EXIT.partly : EXIT.done
  })
}

const NAMES: readonly (readonly [string, keyof FileSums])[] = [
  ['Udbetales, brutto', 'paid_gross_ore'],
  ['  A-skat', 'paid_tax_ore'],
  ['  netto', 'paid_net_ore'],
  ['Trækkes tilbage', 'withdrawn_ore'],
  ['Flyttes uden penge', 'moved_ore'],
  ['Står igen', 'closed_ore'],
  ['For meget udbetalt', 'overpaid_ore'],
  ['Heraf krævet tilbage', 'claimed_gross_ore'],
]

function asText(simulation: FileSimulation, nameOf: (benefit: string) => string): string {
  const { totals, outcomes, by_benefit: benefits, largest, held, refused } = simulation
  const row = (name: string, ore: number): string => `${name.padEnd(40)}${`${formatKroner(ore)} kr.`.padStart(24)}`
  const lines = [
    `${simulation.file_id} (${simulation.municipality}), kørt ${simulation.month}: ${simulation.orders} ordrer`,
  ]
  lines.push(`${outcomes.pays} udbetaler, ${outcomes.corrects} retter noget betalt, ${outcomes.unchanged} ændrer intet`)
  for (const one of held) lines.push(`${one.orders} tilbageholdes: ${HOLD[one.kind] ?? one.kind}`)
  if (refused.length > 0)
    lines.push(`${refused.length} afvises, den første i linje ${refused[0]?.line}: ${refused[0]?.code}`)
  lines.push('')
  for (const [name, key] of NAMES) if (totals[key] !== 0) lines.push(row(name, totals[key]))
  for (const one of benefits) {
    lines.push('', nameOf(one.benefit))
    for (const [name, key] of NAMES) if (one[key] !== 0) lines.push(row(`  ${name}`, one[key]))
  }
  if (largest.length > 0) lines.push('', 'De største forskelle')
  for (const one of largest) lines.push(row(`  ${one.order_key} version ${one.version}`, one.difference_ore))
  return `${lines.join('\n')}\n`
}
