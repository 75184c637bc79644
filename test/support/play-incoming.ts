/** Whole files of rail and bank that go wrong, and what persons say of what came of it: sentences of a scenario. */
import assert from 'node:assert/strict'
import { day } from '../../src/base/date.ts'
import { matchLine } from '../../src/entry/line/match-line.ts'
import { readQuarantine, resolveQuarantine, bundleIdOf, fileIdOf } from '../../src/modules/payments/index.ts'
import { accountOf } from './local-facts.ts'
import { paymentTo } from './play-rail.ts'
import { municipalityOf, type Play } from './play-scenario.ts'
import { oreOf } from './read-scenario.ts'

const HOW: Readonly<Record<string, string>> = {
  'er revet over': 'torn',
  'kommer to gange': 'twice',
  'kommer sent': 'withheld',
  'springer et nummer over': 'gap',
  'stemmer ikke': 'unbalanced',
}
const FILE = new RegExp(`^((?:NemKontos|Bankens) svarfil|Kontoudtoget) (${Object.keys(HOW).join('|')})$`)
const PARTIAL = /^(?:NemKontos|Bankens) svarfil har kun (\d+) af svarene$/
const STRAY = /^(?:NemKonto|Banken) svarer også på en betaling, vi aldrig har sendt$/
const CLOSED = /^(?:NemKonto|Banken) lukker, før filen er læst$/
const UNKNOWN = /^(?:NemKonto|Banken) svarer med en ukendt kode på betalingen til (\S+)$/
const FOREIGN = /^Banken bogfører også (.+) på kontoen(?: med referencen (\S+))?$/
const NAMELESS = /^Banken nævner ikke (?:betalingen til (\S+)|bundtet)$/
const IN_VAIN = /^(?:NemKonto|Banken) standser betalingen til (\S+), og den bogføres alligevel$/
const AFTER_ALL = /^Banken bogfører den standsede betaling til (\S+)$/
const UNDECIDED = /^(?:NemKonto|Banken) tænker over at standse betalingen til (\S+)$/
const READ = 'banken læser, hvad der ligger'
const MEND = 'det, der manglede, kommer'
const MATCH = new RegExp(
  '^(\\S+) siger, at banklinjen på (-?[\\d.,]+) er (?:betalingen til (\\S+)|bundtet|betaling udenom (\\d+))' +
    '(?: og afvises: (\\w+))?: (.+)$',
)
const RESOLVE = /^(\S+) afklarer det, der ligger i karantæne: (.+)$/

/** False when the item is about something else. */
export async function goWrong(play: Play, item: string): Promise<boolean> {
  const wrong = await wrongOf(play, item)
  if (wrong !== undefined) await play.line.rail.post('/misbehave', { wrong })
  else if (item === READ) await play.line.rail.exchange(day(`${play.month}-28`))
  else if (item === MEND) await play.line.rail.post('/mend', {})
  else return (await match(play, item)) || (await resolve(play, item))
  return true
}

async function wrongOf(play: Play, item: string): Promise<Record<string, unknown> | undefined> {
  const file = FILE.exec(item)
  if (file !== null) {
    const of = file[1] === 'Kontoudtoget' ? account(play) : await newestFile(play)
    return { how: HOW[file[2] as string], of }
  }
  const partial = PARTIAL.exec(item)
  if (partial !== null) return { how: 'partial', of: await newestFile(play), count: Number(partial[1]) }
  if (CLOSED.test(item)) return { how: 'closed', of: await newestFile(play) }
  if (STRAY.test(item)) return { how: 'stray', of: await newestFile(play) }
  const unknown = UNKNOWN.exec(item)
  if (unknown !== null) return { how: 'unknown_code', of: (await paymentTo(play, unknown[1] as string)).ref }
  const foreign = FOREIGN.exec(item)
  if (foreign !== null) {
    const amounts = [...(foreign[1] as string).matchAll(/-?\d[\d.,]*/g)].map(([text]) => oreOf(text))
    const named = foreign[2] === undefined ? {} : { named: foreign[2] }
    return { how: 'foreign', of: account(play), amounts, ...named }
  }
  const nameless = NAMELESS.exec(item)
  const undecided = UNDECIDED.exec(item)
  if (undecided !== null) return { how: 'undecided', of: (await paymentTo(play, undecided[1] as string)).ref }
  const inVain = IN_VAIN.exec(item)
  if (inVain !== null) return { how: 'stopped_in_vain', of: (await paymentTo(play, inVain[1] as string)).ref }
  const late = AFTER_ALL.exec(item)
  if (late !== null) {
    const { ref, amount } = await paymentTo(play, late[1] as string, 'first')
    return { how: 'foreign', of: account(play), amounts: [-amount], named: ref }
  }
  if (nameless === null) return undefined
  const [, alias] = nameless
  return { how: 'nameless', of: alias === undefined ? await newestBundle(play) : (await paymentTo(play, alias)).ref }
}

function account(play: Play): string {
  return accountOf(String(municipalityOf(play, '')).padStart(4, '0'), 'ydelser')
}

async function newestRun(play: Play): Promise<{ run: number; unit: number }> {
  const code = municipalityOf(play, '')
  const found = await play.line.reader.transaction([code], (tx) =>
    tx.first<{ run: number; unit: number }>(
      'select run_no as run, unit from payment_bundles order by run_no desc, unit limit 1',
    ),
  )
  if (found === undefined) throw new Error('there is no payment run')
  return found
}

async function newestFile(play: Play): Promise<string> {
  return fileIdOf(municipalityOf(play, ''), (await newestRun(play)).run)
}

async function newestBundle(play: Play): Promise<string> {
  const { run, unit } = await newestRun(play)
  return bundleIdOf(municipalityOf(play, ''), run, unit)
}

/** The line is known by its amount: a scenario has few. */
async function match(play: Play, item: string): Promise<boolean> {
  const said = MATCH.exec(item)
  if (said === null) return false
  const [, by = '', amount = '', alias, outside, refused, reason = ''] = said
  const code = municipalityOf(play, '')
  const { loader, rates } = play.line
  const line = { connection: loader, rates, folders: { out: '', in: '' }, at: () => undefined }
  const [found] = await loader.transaction([code], (tx) =>
    tx.rows<{ ref: string }>(
      `select bank_ref as ref from statement_entries e where municipality_code = ${code} and amount_ore = ${oreOf(amount)}
         and match in ('unmatched', 'not_ours') order by work_no, entry_no limit 1`,
    ),
  )
  if (found === undefined) throw new Error(`there is no open bank line of ${amount}`)
  let to = outside === undefined ? undefined : `outside ${outside}`
  to ??= alias === undefined ? await newestBundle(play) : (await paymentTo(play, alias)).ref
  const at = `${play.month}-15T10:00:00Z`
  const done = matchLine(line, code, { account: '', bankRef: found.ref, to, by, reason, at })
  if (refused === undefined) await done
  else await assert.rejects(done, { code: refused })
  return true
}

async function resolve(play: Play, item: string): Promise<boolean> {
  const said = RESOLVE.exec(item)
  if (said === null) return false
  const [, by = '', reason = ''] = said
  const code = municipalityOf(play, '')
  await play.line.loader.transaction([code], async (tx) => {
    const files = new Set((await readQuarantine(tx, code, 1_000)).map((one) => one.file))
    const act = { at: `${play.month}-15T10:00:00Z`, by, reason }
    for (const file of files) await resolveQuarantine(tx, code, { file, line: undefined }, act)
  })
  return true
}
