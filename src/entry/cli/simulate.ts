/** `toek simulate`: what the order in a file would come to; nothing is changed. @da simulering */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { parseOrder, readJson } from '../../adapters/source-systems/index.ts'
import { formatKroner } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { SOURCE_SYSTEMS } from '../../modules/orders/index.ts'
import { type Simulation, simulateOrder } from '../line/simulate-order.ts'
import { flag, lacks, optionsOf, text } from './options.ts'
import { envelopeIn, wholeFile } from './simulate-whole-file.ts'
import { UNTAKEN } from '../text/index.ts'
import type { Verb } from './verbs.ts'
import { EXIT, lineFor, withDatabase } from './world.ts'

const HELP = `toek simulate FILE: what an order or a whole order file would come to (simulering)

  FILE                       one order as it would be put (JSON), or an order file as it would be imported
  --month YYYY-MM            order file: the month that would be run with it; default the month of the file
  --json                     one object; of an order, as POST /api/v1/simulations answers

Nothing is changed. Exit: 0 it would be taken in, 2 some orders would be refused, 3 something would be held or wait,
4 it would be refused.
`

export const simulateVerb: Verb = {
  help: HELP,
  async run(world, args) {
    const { values, positionals } = optionsOf(args, { month: text, json: flag })
    const [path] = positionals
    if (path === undefined) throw lacks('Say which order or order file: toek simulate FILE.', HELP)
    if (!existsSync(path)) throw new Refusal('no_file', `There is no file ${path}.`)
    const envelope = await envelopeIn(path)
    if (envelope !== undefined) return await wholeFile(world, path, envelope, values)
    const json = readJson(await readFile(path, 'utf8'))
    if (json.fault !== undefined) throw new Refusal(json.fault.code, `${path}: ${json.fault.detail}`)
    return await withDatabase(world, 'loader', 'simulate', async (opened, connection) => {
      const { source_system: name, order_key: key } = (json.value ?? {}) as Record<string, unknown>
      const sourceSystem = SOURCE_SYSTEMS.find((known) => known === name)
      if (sourceSystem === undefined) {
        throw new Refusal('unknown_source_system', `"source_system" is one of ${SOURCE_SYSTEMS.join(', ')}.`)
      }
      const parsed = parseOrder(json.value, { ...opened.rates.known, sourceSystem, orderKey: String(key) })
      if (parsed.faults !== undefined) throw refused(parsed.faults)
      const line = lineFor(world, opened, connection)
      const act = { knownAt: new Date(world.now()).toISOString(), actor: world.user }
      const simulated = await simulateOrder(line, parsed, act)
      if (simulated.kind === 'faults') throw refused(simulated.faults)
      if (simulated.kind !== 'simulated') {
        throw new Refusal(simulated.kind, `The newest version that we have is ${simulated.newest}.`)
      }
      const { simulation } = simulated
      world.out(values.json === true ? `${JSON.stringify(simulation)}\n` : asText(simulation))
      return simulation.outcome === 'held' || simulation.outcome === 'waits' ? EXIT.person : EXIT.done
    })
  },
}

function refused(faults: readonly { readonly pointer: string; readonly code: string; readonly detail: string }[]) {
  return new Refusal('faults', faults.map((one) => `${one.pointer} ${one.code}: ${one.detail}`).join('\n'))
}

const OUTCOMES: Readonly<Record<Simulation['outcome'], string>> = {
  calculated: 'Ordren kan beregnes.',
  held: 'Ordren tilbageholdes.',
  corrects: 'Ordren retter noget, der er beregnet.',
  waits: 'Ordren venter: en tidligere version er sendt og ikke besvaret.',
  unchanged: 'Ordren ændrer intet.',
}
const AMOUNTS: readonly (readonly [string, keyof Simulation['totals']])[] = [
  ['Brutto', 'gross_ore'],
  ['  egen ATP', 'own_atp_ore'],
  ['  AM-bidrag', 'am_ore'],
  ['  A-skat', 'tax_ore'],
  ['  modregning', 'set_off_ore'],
  ['  tredjepart', 'third_party_ore'],
  ['Netto', 'net_ore'],
  ['Kommunens ATP', 'employer_atp_ore'],
  ['Obligatorisk pension', 'pension_ore'],
]

function asText(simulation: Simulation): string {
  const row = (name: string, ore: number): string => `${name.padEnd(40)}${`${formatKroner(ore)} kr.`.padStart(20)}`
  const { holds, before, after, difference, items, totals, untaken, postings } = simulation
  const lines = [`${simulation.order_key} version ${simulation.version}: ${OUTCOMES[simulation.outcome]}`]
  for (const hold of holds) lines.push(`  ${hold.reason}`)
  lines.push('', row('Før', before.gross_ore), row('Efter', after.gross_ore), row('Forskel', difference.gross_ore))
  for (const one of difference.withdrawn) lines.push(row(`  trækkes tilbage, linje ${one.line_key}`, one.gross_ore))
  for (const one of difference.atp_given_back) lines.push(row(`  mindre i ATP, linje ${one.line_key}`, one.gross_ore))
  for (const one of difference.moved) lines.push(row(`  flyttes til linje ${one.line_key}`, one.gross_ore))
  for (const one of difference.closed) lines.push(row(`  står igen, linje ${one.line_key}`, one.gross_ore))
  for (const one of difference.overpaid) lines.push(row(`  for meget udbetalt, linje ${one.line_key}`, one.gross_ore))
  for (const one of difference.suppressed)
    lines.push(row(`  under bagatelgrænsen, linje ${one.line_key}`, one.gross_ore))
  for (const one of difference.to_be_adjusted)
    lines.push(row(`  tages i kommende udbetalinger, linje ${one.line_key}`, one.gross_ore))
  for (const one of difference.adjusted)
    lines.push(row(`  taget af ${one.from_order_key}, der var for meget udbetalt`, one.gross_ore))
  for (const one of difference.claimed) lines.push(row(`  krav ${one.claim_key}`, one.amount_ore))
  if (items.length > 0) {
    lines.push('')
    for (const [name, key] of AMOUNTS) if (totals[key] !== 0) lines.push(row(name, totals[key]))
  }
  for (const one of untaken)
    lines.push(row(`Ikke taget, linje ${one.line_key}: ${UNTAKEN[one.reason]}`, one.amount_ore))
  if (postings.length > 0) lines.push('', `${'Konto'.padEnd(40)}${'Debet'.padStart(20)}${'Kredit'.padStart(20)}`)
  for (const one of postings) {
    const amounts = [one.debit_ore, one.credit_ore].map((ore) => formatKroner(ore).padStart(20))
    lines.push(`${one.account.padEnd(40)}${amounts.join('')}`)
  }
  return `${lines.join('\n')}\n`
}
