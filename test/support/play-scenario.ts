/** Plays a scenario on the line: facts and orders in by files, months run, holds placed, and what came of it. */
import { danishInstant } from '../../src/base/danish-time.ts'
import { day, formatDay } from '../../src/base/date.ts'
import type { Municipality } from '../../src/base/id.ts'
import type { ImportResult } from '../../src/entry/line/import-file.ts'
import { letGo } from '../../src/entry/line/let-go.ts'
import { holdOrder, SOURCE_SYSTEM_ID, type SourceSystem } from '../../src/modules/orders/index.ts'
import { lastBankDayOfMonth } from '../../src/modules/rates/index.ts'
import { checkDay } from './check-day.ts'
import { checkThen } from './check-scenario.ts'
import { decide, decisionOf } from './decide-scenario.ts'
import { citizenOf, companyOf, factFile, type LineRecord, orderFile, type OrderRecord } from './files.ts'
import { monthOf, type TestLine } from './line.ts'
import { codes } from './names.ts'
import { controlAct } from './play-gate.ts'
import { arrange } from './play-payees.ts'
import { payAcute } from './play-acute.ts'
import { paidOutside } from './play-outside.ts'
import { misbehave } from './play-rail.ts'
import { payOrHold } from './play-returned.ts'
import { closeReturns } from './play-unclaimed.ts'
import { approveLocalRules, approveWaiting } from './play-rules.ts'
import { LOCAL_TABLES, localFact } from './local-facts.ts'
import { oreOf, periodOf, type Row, type Scenario, type Section, type Table } from './read-scenario.ts'

/** What the scenario has told so far. */
export interface Play {
  readonly line: TestLine
  /** By what the scenario calls them; '' is the one that is never named. */
  readonly municipalities: Map<string, Municipality>
  readonly takeMunicipality: (name: string) => Municipality
  /** CPR and CVR by alias, and back. */
  readonly citizens: Map<string, string>
  readonly companies: Map<string, string>
  readonly files: { readonly text: string; readonly section: number }[]
  readonly imports: ImportResult[]
  month: string
  section: number
}

export async function playScenario(
  line: TestLine,
  scenario: Scenario,
  takeMunicipality: Play['takeMunicipality'],
): Promise<void> {
  const play: Play = {
    line,
    municipalities: new Map(),
    takeMunicipality,
    citizens: new Map(),
    companies: new Map(),
    files: [],
    imports: [],
    month: '2026-03',
    section: 0,
  }
  for (const section of scenario.sections) {
    play.section++
    if (section.kind === 'Givet') await given(play, section)
    else if (section.kind === 'Ordrer') await orders(play, section)
    else if (section.kind === 'Når') for (const item of section.items) await when(play, item)
    else {
      await checkThen(play, section)
      await checkDay(play.line, codes(play), play.month)
    }
  }
}

export function municipalityOf(play: Play, name: string): Municipality {
  let code = play.municipalities.get(name)
  if (code === undefined) {
    code = play.takeMunicipality(name)
    play.municipalities.set(name, code)
  }
  return code
}

function text4(code: Municipality): string {
  return String(code).padStart(4, '0')
}

function known(table: Table, columns: readonly string[]): void {
  for (const column of table.columns) {
    if (!columns.includes(column))
      throw new Error(`"${table.name}" has no column "${column}"; it has ${columns.join(', ')}`)
  }
}

function citizen(play: Play, alias: string): string {
  const id = play.citizens.get(alias) ?? citizenOf(play.citizens.size)
  play.citizens.set(alias, id)
  return id
}

export function partyOf(play: Play, alias: string): { type: string; id: string } {
  const company = play.companies.get(alias)
  return company === undefined ? { type: 'cpr', id: citizen(play, alias) } : { type: 'cvr', id: company }
}

const FATES: Readonly<Record<string, string>> = {
  'ingen konto': '9907',
  'statens ventekonto': '9908',
  'lukket konto': '9909',
  formfejl: '9902',
  forbehold: '9910',
  'banken siger død': '9911',
  'teknisk fejl': '9913',
}

const EVENTS: Readonly<Record<string, string>> = {
  død: 'death',
  forsvundet: 'missing',
  konkurs: 'bankruptcy',
  lukket: 'closed',
  ophævet: 'restored',
  beskyttet: 'name_protection',
}

async function given(play: Play, section: Section): Promise<void> {
  const facts = new Map<string, unknown[]>()
  const add = (row: Row, fact: (municipality: string, se: string) => unknown): void => {
    const name = row['kommune'] ?? ''
    const code = municipalityOf(play, name)
    const list = facts.get(name) ?? []
    list.push(fact(text4(code), play.line.rates.municipality(code).cvr))
    facts.set(name, list)
  }
  for (const table of section.tables) {
    if (table.name === 'Borgere') {
      known(table, ['borger', 'NemKonto'])
      for (const row of table.rows) {
        const fate = FATES[row['NemKonto'] ?? '']
        if (fate === undefined) throw new Error(`NemKonto is one of ${Object.keys(FATES).join(', ')}`)
        play.citizens.set(row['borger'] as string, citizenOf(play.citizens.size, fate))
      }
    } else if (table.name === 'Virksomheder') {
      known(table, ['virksomhed'])
      for (const row of table.rows) play.companies.set(row['virksomhed'] as string, companyOf(play.companies.size))
    } else if (table.name === 'Skattekort') {
      known(table, CARD_COLUMNS)
      for (const row of table.rows) add(row, (municipality, se) => cardOf(play, row, municipality, se))
    } else if (table.name === 'Fordringer') {
      known(table, ['kommune', 'fordring', 'borger', 'ydelse', 'periode', 'beløb'])
      for (const row of table.rows) add(row, (municipality) => claimOf(play, row, municipality))
    } else if (table.name === 'Hændelser') {
      known(table, ['kommune', 'borger', 'hændelse', 'dato'])
      for (const row of table.rows) {
        const event = EVENTS[row['hændelse'] ?? '']
        if (event === undefined) throw new Error(`an event is one of ${Object.keys(EVENTS).join(', ')}`)
        const { type, id } = partyOf(play, row['borger'] as string)
        add(row, () => ({ record: 'party_event', [type]: id, event, date: row['dato'] }))
      }
    } else if (LOCAL_TABLES[table.name] !== undefined) {
      known(table, LOCAL_TABLES[table.name] ?? [])
      for (const row of table.rows)
        add(row, (code) => localFact(table.name, row, code, (alias) => citizen(play, alias)))
    } else throw new Error(`"Givet" has no table "${table.name}"`)
  }
  for (const [name, list] of facts) {
    const code = text4(municipalityOf(play, name))
    const told = await play.line.importText(
      factFile(`FAKTA-${code}-${play.section}`, code, play.month, list),
      play.month,
    )
    if (told.state !== 'loaded' || told.refused.length > 0) {
      throw new Error(`the facts were refused: ${JSON.stringify([told.findings, told.refused])}`)
    }
    // Two persons, unless the scenario is about that.
    const waits = section.tables.some((table) => table.rows.some((row) => row['godkendt'] === 'nej'))
    if (!waits) await approveWaiting(play.line, municipalityOf(play, name), 'godkender', play.month)
  }
}

const CARD_COLUMNS = [
  'kommune',
  'borger',
  'kort',
  'procent',
  'fradrag måned',
  'fradrag uge',
  'frikort rest',
  'fra',
  'til',
]

function cardOf(play: Play, row: Row, municipality: string, se: string): unknown {
  const amount = (name: string): number => (row[name] ? oreOf(row[name]) : 0)
  return {
    record: 'tax_card',
    municipality,
    cpr: citizen(play, row['borger'] as string),
    se,
    card: row['kort'] === 'intet' ? 'none' : row['kort'],
    rate_percent: row['procent'] ? Number(row['procent'].replace(',', '.')) : 0,
    allowance_month_ore: amount('fradrag måned'),
    allowance_week_ore: amount('fradrag uge'),
    allowance_day_ore: 0,
    frikort_left_ore: amount('frikort rest'),
    valid_from: row['fra'] || '2026-01-01',
    valid_to: row['til'] || '2027-01-01',
  }
}

function claimOf(play: Play, row: Row, municipality: string): unknown {
  return {
    record: 'claim_opening',
    claim_key: row['fordring'],
    municipality,
    debtor: { type: 'cpr', id: citizen(play, row['borger'] as string) },
    benefit: row['ydelse'],
    period: periodOf(row['periode'] || '2025-11'),
    amount_ore: oreOf(row['beløb'] as string),
    due_date: '2026-01-15',
    cause: 'urigtig_oplysning',
  }
}

const ORDER_COLUMNS = (
  'kommune,system,ordre,version,tilstand,begrundelse,retter,afgjort,borger,modtager,til rådighed,linje,art,ydelse,' +
  'periode,mængde,beløb,fordring,medarbejder,reference,tilbagebetalingspligt,ikke dublet af,årsag,øremærket,' +
  'tages i udbetalinger,betales,i stedet for,hjemmel,partshørt,meddelt'
).split(',')

const SETTLES: Readonly<Record<string, string>> = { straks: 'at_once', 'med næste': 'with_next_ordinary' }

/** Rows of one order follow each other or not; order and version make it one. */
async function orders(play: Play, section: Section): Promise<void> {
  const files = new Map<string, Map<string, OrderRecord & { lines: LineRecord[] }>>()
  for (const table of section.tables) {
    known(table, ORDER_COLUMNS)
    for (const row of table.rows) {
      const system = row['system'] || (row['ordre'] as string).split('-')[0] || ''
      const place = row['kommune'] ?? ''
      const file = files.get(`${place}|${system}`) ?? new Map()
      files.set(`${place}|${system}`, file)
      const key = `${row['ordre']}|${row['version'] || '1'}`
      const order = file.get(key) ?? headOf(play, row, system, text4(municipalityOf(play, place)))
      file.set(key, order)
      if (row['beløb']) order.lines.push(lineOf(play, row, String(order.lines.length + 1)))
    }
  }
  for (const [name, file] of files) {
    const records = [...file.values()]
    const month = String(records[0]?.['disposition_date']).slice(0, 7)
    const id = `${name.split('|')[1]}-${records[0]?.municipality}-${play.section}`
    play.files.push({ text: orderFile(id, month, records), section: play.section })
  }
  for (const file of play.files) if (file.section === play.section) await take(play, file.text)
}

async function take(play: Play, text: string): Promise<void> {
  play.imports.push(await play.line.importText(text, play.month))
}

function headOf(play: Play, row: Row, system: string, municipality: string): OrderRecord & { lines: LineRecord[] } {
  const adjusts = /^(\S+) version (\d+)$/.exec(row['retter'] ?? '')
  const withdrawn = row['tilstand'] === 'tilbagekaldt'
  return {
    order_key: row['ordre'],
    version: Number(row['version'] || '1'),
    source_system: system as SourceSystem,
    municipality,
    case_key: `SAG-${row['borger']}`,
    state: withdrawn ? 'withdrawn' : 'active',
    ...(withdrawn ? { reason: row['begrundelse'] || 'Afgørelsen er omgjort' } : {}),
    decision: { key: `A-${row['ordre']}`, date: row['afgjort'] || '2026-03-02' },
    beneficiary: partyOf(play, row['borger'] as string),
    payee: partyOf(play, row['modtager'] || (row['borger'] as string)),
    disposition_date: row['til rådighed'] || formatDay(lastBankDayOfMonth(monthOf(play.month).from)),
    settle: SETTLES[row['betales'] ?? ''] ?? 'on_disposition_date',
    ...(row['i stedet for'] ? { instead_of: row['i stedet for'] } : {}),
    ...(adjusts === null ? {} : { adjusts: { order_key: adjusts[1], version: Number(adjusts[2]) } }),
    ...(row['tages i udbetalinger'] ? { overpaid: { instalments: Number(row['tages i udbetalinger']) } } : {}),
    lines: [] as LineRecord[],
  } as OrderRecord & { lines: LineRecord[] }
}

const UNITS: Readonly<Record<string, string>> = {
  måned: 'month',
  uge: 'week',
  uger: 'week',
  timer: 'hour',
  dage: 'day',
}

function lineOf(play: Play, row: Row, number: string): LineRecord {
  const amount = oreOf(row['beløb'] as string)
  const head = { line_key: row['linje'] || number, [row['retter'] ? 'delta_ore' : 'amount_ore']: amount }
  switch (row['art'] || 'ydelse') {
    case 'ydelse':
      return { ...head, kind: 'benefit', ...benefitOf(play, row) }
    case 'modregning':
      return {
        ...head,
        kind: 'set_off',
        claim_key: row['fordring'],
        ...(row['øremærket'] === 'ja' ? { from_earmarked: true } : {}),
      }
    case 'tredjepart':
      return {
        ...head,
        kind: 'third_party',
        payee: partyOf(play, row['modtager'] as string),
        reference: row['reference'] || 'husleje',
      }
    case 'tilbagebetaling':
      return {
        ...head,
        kind: 'repayment',
        benefit: row['ydelse'],
        component: 'grundsats',
        period: periodOf(row['periode'] as string),
        claim_key: row['fordring'],
        cause: row['årsag'] || 'urigtig_oplysning',
        ...(row['hjemmel'] ? { legal_basis: row['hjemmel'] } : {}),
        decision: {
          key: `T-${row['ordre']}`,
          date: '2026-03-10',
          ...(row['partshørt'] ? { hearing_date: row['partshørt'] } : {}),
          ...(row['meddelt'] ? { notice_date: row['meddelt'] } : {}),
        },
      }
    default:
      throw new Error(`"${row['art']}" is none of ydelse, modregning, tredjepart, tilbagebetaling`)
  }
}

function benefitOf(play: Play, row: Row): Record<string, unknown> {
  const key = row['ydelse'] as string
  const rule = play.line.rates.book.benefits.find((one) => one.key === key)
  const [value, unit] = (row['mængde'] || '1 måned').split(' ')
  return {
    benefit: key,
    component: 'grundsats',
    kle: rule?.kle ?? '32.24.04',
    sensitivity: 'FOELSOMME_PERSONOPLYSNINGER',
    legal_basis: 'opdigtet',
    period: periodOf(row['periode'] as string),
    quantity: { unit: UNITS[unit ?? ''] ?? unit, value: value?.replace(',', '.') },
    repayable: row['tilbagebetalingspligt'] === 'ja',
    text: 'Ydelse',
    ...(row['medarbejder'] ? { employee: citizen(play, row['medarbejder']), reference: 'løn' } : {}),
    ...(row['ikke dublet af'] ? { not_duplicate_of: row['ikke dublet af'] } : {}),
  }
}

async function when(play: Play, item: string): Promise<void> {
  const run = /^kør måned (\d{4}-\d{2})( til godkendelse)?(?:, klokken er (\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}))?$/.exec(
    item,
  )
  if (run !== null) {
    play.month = run[1] as string
    const waits = run[2] === undefined ? undefined : 'waits'
    const at = run[3] === undefined ? undefined : danishInstant(day(run[3]), run[4] as string)
    await play.line.runMonth(play.month, [...play.municipalities.values()], waits, at)
    return
  }
  if (item === 'indlæs alle ordrefiler igen') {
    for (const file of play.files) await take(play, file.text)
    return
  }
  const acts = [arrange, misbehave, payAcute, paidOutside, payOrHold, closeReturns, approveLocalRules, controlAct]
  for (const does of acts) if (await does(play, item)) return
  const decision = decisionOf(item)
  if (decision !== undefined) {
    await decide(play, decision)
    return
  }
  const act = /^(tilbagehold|frigiv) (\S+)(?: i (\S+))?: (.+)$/.exec(item)
  if (act === null) throw new Error(`"${item}" is nothing that can be done`)
  const municipality = municipalityOf(play, act[3] ?? '')
  await play.line.loader.transaction([municipality], async (tx) => {
    const system = SOURCE_SYSTEM_ID[(act[2] as string).split('-')[0] as SourceSystem]
    const order = await tx.first<{ order_id: number }>(
      `select order_id from orders where municipality_code = $1 and source_system = $2 and order_key = $3
       order by version desc, again desc limit 1`,
      [municipality, system, act[2] as string],
    )
    if (order === undefined) throw new Error(`there is no order ${act[2]}`)
    const what = {
      municipality,
      order: order.order_id,
      reason: act[4] as string,
      at: `${play.month}-15T10:00:00Z`,
      by: 'sagsbehandler',
    }
    if (act[1] === 'frigiv') await letGo(tx, play.line.rates, what)
    else await holdOrder(tx, what)
  })
}
