/** "Så": what a scenario says came of it, table by table, against the facts. A table lists everything of its kind. */
import assert from 'node:assert/strict'
import { formatDay } from '../../src/base/date.ts'
import { formatKroner } from '../../src/base/money.ts'
import { readSmallAmounts, readSpecification, readYearEnd } from '../../src/modules/overview/index.ts'
import { endToEndIdOf } from '../../src/modules/payments/index.ts'
import { arrangementText, letGoText, payeeNoteText } from '../../src/entry/text/index.ts'
import { type Reconciliation, reconcileMunicipality } from '../../src/modules/reconciliation/index.ts'
import { bankLines, others, quarantine } from './check-incoming.ts'
import { checkOpenItems } from './check-open-items.ts'
import { checkDueDays } from './check-due.ts'
import { booked, changes, corrections, references, repayments, setOffs } from './check-books.ts'
import { events, told } from './check-events.ts'
import { checkTold } from './check-weeks.ts'
import { overpaidRows } from './decide-scenario.ts'
import { findings, runs } from './check-gate.ts'
import { firstPaid, refunds, work } from './check-payees.ts'
import { calculatedRows, claimRows, holdRows, paymentRows, untakenRows } from './facts-of.ts'
import { monthOf } from './line.ts'
import type { Play } from './play-scenario.ts'
import { aliasOf, codes, inAliases, placeOf } from './names.ts'
import { oreOf, type Row, type Section, type Table } from './read-scenario.ts'
import { accountRows, incomeRows, reimbursementRows } from './told-rows.ts'

const AMOUNTS = new Set(
  'brutto,ATP,AM,skat,modregnet,tredjepart,netto,pension,arbejdsgivers ATP,fradrag,beløb,saldo,rest'.split(','),
).add('før skat')

const STATES = {
  due: 'forfalden',
  in_run: 'i kørsel',
  sent: 'sendt',
  accepted: 'kvitteret',
  presumed: 'formodet udbetalt',
  settled: 'betalt',
  waiting_account: 'ventekonto',
  returned: 'returneret',
  stopped: 'standset',
} as const

const HOLDS: Readonly<Record<string, string>> = {
  possible_duplicate: 'mulig dobbeltbetaling',
  excluding_benefit: 'ydelser udelukker hinanden',
  awaits_answer: 'afventer svar',
  came_back: 'kommet delvis retur',
  unfounded_repayment: 'tilbagebetaling uden grundlag',
  before_takeover: 'før overtagelsen',
  before_look_back: 'for længe siden',
  small_amount: 'samles',
  superseded: 'erstattet',
  dead: 'død',
  missing: 'forsvundet',
  bankrupt: 'konkurs',
  closed: 'ophørt',
  manual: 'i hånden',
}

const REASONS: Readonly<Record<string, string>> = {
  claim_unknown: 'ukendt fordring',
  claim_of_other: 'en andens fordring',
  minimum_left: 'rådighedsbeløb',
  claim_exhausted: 'fordringen er betalt',
  net_too_small: 'for lille udbetaling',
}

const ACCOUNTS: Readonly<Record<string, string>> = {
  net_payable: 'mellemregning',
  a_skat: 'A-skat',
  am_bidrag: 'AM-bidrag',
  atp: 'ATP',
  pension: 'pension',
  claims: 'fordringer',
  overpaid: 'for meget udbetalt',
  rail: 'undervejs',
  returned: 'returkonto',
  unclaimed: 'uafhentet',
  unmatched: 'uafklaret',
  paid_outside: 'betalt udenom',
  debtor_system: 'debitorsystemet',
  claim_surplus: 'for meget betalt',
}

/** Reads the actual rows of a table; cells are texts, as in the scenario. */
const TABLES: Readonly<Record<string, (play: Play, table: Table) => Promise<Row[]>>> = {
  Beregninger: calculations,
  Betalinger: payments,
  Mellemregninger: clearing,
  Fordringer: claims,
  'Ikke gennemført': untaken,
  Tilbageholdt: holds,
  Frigivet: releases,
  Modtagelse: intakes,
  Afvist: refusals,
  Hændelser: events,
  Reguleringer: corrections,
  Ændringer: changes,
  Henvisninger: references,
  'Afgjorte tilbagebetalinger': repayments,
  Modregninger: setOffs,
  Bogført: booked,
  Konti: (play) => accountRows(play.line, codes(play)),
  Indberettet: (play, { columns }) => Promise.resolve(incomeRows(play, columns.includes('borger'))),
  Refusion: (play, { columns }) => Promise.resolve(reimbursementRows(play.line, codes(play), columns.includes('uge'))),
  Arbejdsgiverspecifikation: refunds,
  Modtagere: payees,
  'Nye modtagere': firstPaid,
  Kørsler: runs,
  Kontrolfund: findings,
  Fortalt: told,
  Opgaver: work,
  'For meget udbetalt': overpaidRows,
  Småbeløb: smallAmounts,
  Årsskifte: yearEnd,
  Karantæne: quarantine,
  Banklinjer: bankLines,
  'Ikke TØK': others,
  'Set fra kommunen': seenFrom,
  Fund: async (play) => (await reconciled(play)).flatMap((one) => one.findings.map((each) => ({ fund: each.what }))),
}

export async function checkThen(play: Play, section: Section): Promise<void> {
  for (const one of await reconciled(play)) {
    for (const row of one.clearing) assert.equal(row.balance_ore, row.explained_ore, `${row.purpose} is not explained`)
    if (!section.tables.some((table) => table.name === 'Fund')) assert.deepEqual(one.findings, [])
  }
  await everythingIsExplained(play)
  await openItemsAreListed(play)
  await checkTold(play.line, codes(play))
  await checkDueDays(play.line, codes(play))
  for (const table of section.tables) {
    const read = TABLES[table.name]
    if (read === undefined)
      throw new Error(`"Så" has no table "${table.name}"; it has ${Object.keys(TABLES).join(', ')}`)
    const actual = await read(play, table)
    assert.deepEqual(
      shown(actual, table),
      shown(table.rows, table),
      `${table.name}: left is what came, right what was said`,
    )
  }
}

/** Each payment and each version of each order can be taken apart to the øre: the specification asserts it. */
async function everythingIsExplained(play: Play): Promise<void> {
  const { reader, rates } = play.line
  for (const code of codes(play)) {
    await reader.transaction([code], async (tx) => {
      const payments = await tx.rows<{ id: number }>('select payment_id as id from payments')
      for (const { id } of payments) assert.ok(await readSpecification(tx, code, endToEndIdOf(code, id), rates))
      const orders = await tx.rows<{ orderKey: string; version: number }>(
        'select order_key as "orderKey", version from orders',
      )
      for (const order of orders) {
        const spec = await readSpecification(tx, code, order, rates)
        assert.ok(spec?.changes.every(({ before, after }) => before >= 0 && after >= 0))
      }
    })
  }
}

/** As somebody in the scope of the municipality sees them. */
async function openItemsAreListed(play: Play): Promise<void> {
  const { reader, rates } = play.line
  for (const one of await reconciled(play)) {
    await reader.transaction([one.municipality], (tx) => checkOpenItems(tx, one, rates.book.accounts))
  }
}

/** The columns that the scenario names, amounts written alike, in an order of their own. */
function shown(rows: readonly Row[], table: Table): string[] {
  return rows
    .map((row) =>
      table.columns
        .map((column) => {
          const cell = row[column]
          if (cell === undefined) throw new Error(`"${table.name}" has no column "${column}"`)
          return AMOUNTS.has(column) ? formatKroner(oreOf(cell || '0')) : cell
        })
        .join(' | '),
    )
    .sort()
}

async function reconciled(play: Play): Promise<Reconciliation[]> {
  const { loader, rates } = play.line
  const made: Reconciliation[] = []
  for (const code of codes(play)) {
    made.push(
      await loader.transaction([code], (tx) =>
        reconcileMunicipality(tx, code, monthOf(play.month), rates.book.accounts),
      ),
    )
  }
  return made
}

async function calculations(play: Play): Promise<Row[]> {
  const rows = await calculatedRows(play.line.loader.db, codes(play))
  return rows.map((row) => ({
    kommune: placeOf(play, row.municipality),
    system: row.system,
    ordre: row.order,
    version: String(row.version),
    linje: row.line,
    ydelse: row.benefit,
    brutto: formatKroner(row.gross),
    ATP: formatKroner(row.own_atp),
    AM: formatKroner(row.am),
    skat: formatKroner(row.tax),
    modregnet: formatKroner(row.set_off),
    tredjepart: formatKroner(row.third_party),
    netto: formatKroner(row.net),
    'arbejdsgivers ATP': formatKroner(row.employer_atp),
    pension: formatKroner(row.pension),
    fradrag: formatKroner(row.allowance),
    kort: row.card === 'none' ? 'intet' : row.card,
  }))
}

async function payments(play: Play): Promise<Row[]> {
  const rows = await paymentRows(play.line.loader.db, codes(play))
  return rows.map((row) => ({
    kommune: placeOf(play, row.municipality),
    modtager: aliasOf(play, row.payee),
    dato: row.date,
    beløb: formatKroner(row.amount),
    poster: String(row.parts),
    tilstand: STATES[row.state],
    svar: row.answer === null ? '' : String(row.answer),
  }))
}

/** Balances as they stand: a debt of the municipality is negative. */
async function clearing(play: Play): Promise<Row[]> {
  const made = await reconciled(play)
  return made.flatMap((one) =>
    one.clearing
      .filter((row) => row.balance_ore !== 0)
      .map((row) => ({
        kommune: placeOf(play, String(row.municipality).padStart(4, '0')),
        konto: [ACCOUNTS[row.purpose] ?? row.purpose, row.source_system ?? ''].join(' ').trim(),
        saldo: formatKroner(row.balance_ore),
      })),
  )
}

async function claims(play: Play): Promise<Row[]> {
  const rows = await claimRows(play.line.loader.db, codes(play))
  return rows.map((row) => ({
    kommune: placeOf(play, row.municipality),
    fordring: row.claim,
    beløb: formatKroner(row.amount),
    rest: formatKroner(row.left),
  }))
}

async function untaken(play: Play): Promise<Row[]> {
  const rows = await untakenRows(play.line.loader.db, codes(play))
  return rows.map((row) => ({
    ordre: row.order,
    linje: row.line,
    beløb: formatKroner(row.amount),
    grund: REASONS[row.reason] ?? row.reason,
  }))
}

async function holds(play: Play): Promise<Row[]> {
  return (await allHolds(play)).filter((row) => row['frigivet'] === '')
}

async function releases(play: Play): Promise<Row[]> {
  return (await allHolds(play)).filter((row) => row['frigivet'] !== '')
}

async function allHolds(play: Play): Promise<Row[]> {
  const rows = await holdRows(play.line.loader.db, codes(play))
  return rows.map((row) => ({
    kommune: placeOf(play, row.municipality),
    ordre: row.order,
    version: String(row.version),
    grund: HOLDS[row.kind] ?? row.kind,
    frigivet: row.by === null ? '' : letGoText(row.kind, { by: row.by, reason: row.released ?? '' }),
  }))
}

/** One row for each file that was handed in, in that order or any other. */
function intakes(play: Play): Promise<Row[]> {
  const states = { loaded: 'indlæst', refused: 'afvist', unchanged: 'kendt i forvejen' }
  return Promise.resolve(
    play.imports.map((one) => ({
      system: one.source ?? '',
      tilstand: states[one.state],
      optaget: String(one.accepted),
      tilbageholdt: String(one.held),
      afvist: String(one.refused.length),
    })),
  )
}

function refusals(play: Play): Promise<Row[]> {
  return Promise.resolve(
    play.imports.flatMap((one) =>
      one.refused.flatMap((line) =>
        line.faults.map((fault) => ({ ordre: line.orderKey, peger: fault.pointer, kode: fault.code })),
      ),
    ),
  )
}

/** What the specification of each named order and version says of whom the money goes to. */
async function payees(play: Play, table: Table): Promise<Row[]> {
  const { reader, rates } = play.line
  const rows: Row[] = []
  for (const asked of new Set(table.rows.map((row) => `${row['ordre']}|${row['version'] || '1'}`))) {
    const [orderKey = '', version = ''] = asked.split('|')
    const wanted = { orderKey, version: Number(version) }
    for (const code of codes(play)) {
      const spec = await reader.transaction([code], (tx) => readSpecification(tx, code, wanted, rates))
      const texts = [
        ...(spec?.payeeNotes ?? []).map((one) => payeeNoteText(one, true)),
        ...(spec?.arrangements ?? []).map((one) => arrangementText(one, true)),
      ]
      for (const text of texts) rows.push({ ordre: orderKey, version, tekst: inAliases(play, text) })
    }
  }
  return rows
}

/** Below the municipality's limit, as it is listed. */
async function smallAmounts({ line, municipalities }: Play): Promise<Row[]> {
  const code = municipalities.get('') as number
  const found = await line.reader.transaction([code], (tx) => readSmallAmounts(tx, code))
  return found.map((one) => ({
    ordre: one.orderKey,
    version: String(one.version),
    behandling: one.treatment === 'gathered' ? 'samles' : 'undertrykt',
    beløb: formatKroner(one.amount),
    siden: one.since.slice(0, 10),
  }))
}

/** What the month warns of: claims that are owed before tax from the first of January. */
async function yearEnd({ line, municipalities, month }: Play): Promise<Row[]> {
  const code = municipalities.get('') as number
  const found = await line.reader.transaction([code], (tx) => readYearEnd(tx, code, monthOf(month).from, line.rates))
  return found.map((one) => ({
    fordring: one.claimKey,
    rest: formatKroner(one.left),
    'før skat': formatKroner(one.gross),
    fra: formatDay(one.on),
  }))
}

/** Orders and parties that somebody with rights in one municipality can see. */
async function seenFrom(play: Play): Promise<Row[]> {
  const rows: Row[] = []
  for (const [kommune, code] of play.municipalities) {
    const seen = await play.line.reader.transaction([code], (tx) =>
      tx.rows<{ ordre: string; borger: string }>(
        `select o.order_key as ordre, y.identifier as borger from orders o
         join parties y on y.municipality_code = o.municipality_code and y.party_id = o.beneficiary`,
      ),
    )
    for (const row of seen) rows.push({ kommune, ordre: row.ordre, borger: aliasOf(play, row.borger) })
  }
  return rows
}
