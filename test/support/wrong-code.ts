/**
 * Employer refunds that were paid by a wrong code over two years: found by a query, simulated, corrected by the source
 * system in one file (most to be repaid), stopped half way and resumed, the rest decided not to be claimed back by two
 * persons. Afterwards nothing is unexplained, and everybody was told what concerns them.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, test } from 'node:test'
import { day } from '../../src/base/date.ts'
import { matchOutcomes, readOutcomes } from '../../src/entry/cli/outcome-file.ts'
import { bookOutcome } from '../../src/entry/line/book-outcome.ts'
import type { Line } from '../../src/entry/line/line.ts'
import type { MonthPlan } from '../../src/entry/line/plan-month.ts'
import { simulateFile } from '../../src/entry/line/simulate-file.ts'
import { doTask } from '../../src/entry/line/tasks.ts'
import { proposeOutcome, readOverpaid, waitingProposals } from '../../src/modules/items/index.ts'
import { reconcileMunicipality } from '../../src/modules/reconciliation/index.ts'
import { checkTold } from './check-told.ts'
import { citizenOf, companyOf, type LineRecord, orderFile, type OrderRecord } from './files.ts'
import { monthOf, testLine } from './line.ts'

const CODE = 573
const line = await testLine()
after(() => line.close())

const AMOUNT = 1_850_000
/** When each was paid: a third in each of two years' months. */
const MONTHS = ['2025-02', '2025-09', '2026-02'] as const
const monthPaid = (i: number) => MONTHS[i % MONTHS.length] as (typeof MONTHS)[number]
/** One in twelve was right after all; one in four of the others is not claimed back. */
const isRight = (i: number) => i % 12 === 0
const isKept = (i: number) => !isRight(i) && i % 4 === 1

function refund(
  i: number,
  version: number,
  more: Partial<OrderRecord>,
  extra: readonly LineRecord[] = [],
): OrderRecord {
  const month = monthPaid(i)
  const employer = { type: 'cvr', id: companyOf(i % 5) }
  return {
    order_key: `KSD-${i}`,
    version,
    source_system: 'KSD',
    municipality: '0573',
    case_key: `SAG-${i}`,
    state: 'active',
    decision: { key: `A-${i}-${version}`, date: `${month}-02` },
    beneficiary: employer,
    payee: employer,
    disposition_date: `${month}-26`,
    settle: 'on_disposition_date',
    lines: [benefitLine(i, AMOUNT), ...extra],
    ...more,
  } as unknown as OrderRecord
}

function benefitLine(i: number, amount: number): LineRecord {
  return {
    line_key: 'r',
    kind: 'benefit',
    benefit: 'sygedagpenge_arbejdsgiver',
    component: 'kode_47',
    kle: '32.39.00',
    sensitivity: 'FORTROLIGE_PERSONOPLYSNINGER',
    legal_basis: 'SDPL § 54',
    period: { from: `${monthPaid(i)}-02`, to: `${monthPaid(i)}-23` },
    quantity: { unit: 'hour', value: '111' },
    amount_ore: amount,
    repayable: false,
    text: 'Refusion',
    employee: citizenOf(i),
    reference: `Løn ${i}`,
  }
}

/** A third was right to pay; the rest is wanted no more, and claimed back unless it is kept. */
const RIGHT = Math.floor(AMOUNT / 3)
function corrected(i: number): OrderRecord {
  const lines = [benefitLine(i, RIGHT)]
  if (!isKept(i)) {
    const { benefit, component, period } = lines[0] as LineRecord
    const decision = { key: `T-${i}`, date: '2026-03-20' }
    const claim = { claim_key: `KSD-T-${i}`, cause: 'forkert_kode', decision, amount_ore: AMOUNT - RIGHT }
    lines.push({ line_key: 't', kind: 'repayment', benefit, component, period, ...claim } as LineRecord)
  }
  return refund(i, 2, { disposition_date: '2026-03-26', lines } as Partial<OrderRecord>)
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text))
}

async function explained(): Promise<Map<string, number>> {
  const made = await line.loader.transaction([CODE], (tx) =>
    reconcileMunicipality(tx, CODE, monthOf('2026-03'), line.rates.book.accounts),
  )
  assert.deepEqual(made.findings, [])
  for (const row of made.clearing) assert.equal(row.balance_ore, row.explained_ore, row.purpose)
  return new Map(made.clearing.map((row) => [row.purpose, row.balance_ore]))
}

/** The whole case with so many refunds. */
export function wrongCode(refunds: number): void {
  const all = Array.from({ length: refunds }, (_, i) => i)
  const wrong = all.filter((i) => !isRight(i))
  const kept = wrong.filter(isKept)
  const file = () => orderFile('KSD-0573-rettelse', '2026-03', wrong.map(corrected))

  test('two years of refunds are paid, and those of the wrong code are found by a query', async () => {
    for (const month of MONTHS) {
      const own = all.filter((i) => monthPaid(i) === month).map((i) => refund(i, 1, {}))
      await line.importText(orderFile(`KSD-0573-${month}`, month, own), month)
      await line.runMonth(month, [CODE])
    }
    const found = await line.reader.transaction([CODE], (tx) =>
      tx.rows<{ orders: number; ore: number }>(
        `select count(*) as orders, sum(c.gross_ore)::bigint as ore from order_lines l join calculations c
         on c.municipality_code = l.municipality_code and c.order_id = l.order_id and c.line_no = l.line_no
       where l.component = 'kode_47' and l.period_from >= '2025-01-01'`,
      ),
    )
    assert.deepEqual(found, [{ orders: refunds, ore: refunds * AMOUNT }])
  })

  test('simulated before it is sent, stopped half way and resumed: what was simulated is what came', async () => {
    const inLine: Line = {
      connection: line.loader,
      rates: line.rates,
      folders: { out: '', in: '' },
      at: () => undefined,
    }
    const seen = await simulateFile(inLine, () => bytes(file()), { month: monthOf('2026-03'), actor: 'test' })
    assert.equal(seen.totals.overpaid_ore, wrong.length * (AMOUNT - RIGHT))
    assert.equal(seen.totals.claimed_gross_ore, (wrong.length - kept.length) * (AMOUNT - RIGHT))
    assert.equal(seen.totals.paid_gross_ore, 0)
    await line.importText(file(), '2026-03')
    const killed: Line = {
      ...inLine,
      at: (point) => {
        if (point === 'calculate:after-copy') throw new Error('killed')
      },
    }
    const plan = (await doTask(inLine, { kind: 'plan', municipality: CODE, month: monthOf('2026-03') })) as MonthPlan
    const [workNo = 0] = plan.batches
    const calculate = { kind: 'calculate', municipality: CODE, workNo, knownAt: '2026-03-01T06:00:00+00:00' } as const
    await assert.rejects(doTask(killed, calculate), /killed/)
    assert.equal((await explained()).get('overpaid') ?? 0, 0, 'nothing is half done')
    await line.runMonth('2026-03', [CODE])
    const balances = await explained()
    assert.equal(balances.get('overpaid'), kept.length * (AMOUNT - RIGHT))
    assert.equal(balances.get('claims'), (wrong.length - kept.length) * (AMOUNT - RIGHT))
    await checkTold(line, [CODE])
  })

  test('what is not claimed back is proposed by one and approved by another, and is cost again', async () => {
    const decision = (i: number, more: object = {}) =>
      JSON.stringify({
        municipality: '0573',
        source_system: 'KSD',
        order_key: `KSD-${i}`,
        outcome: 'not_repayable',
        decision: { key: `I-${i}`, date: '2026-03-27' },
        reason: 'Modtaget i god tro',
        ...more,
      })
    const known = line.rates.known.municipalities
    const wrongLine = [decision(kept[0] as number), decision(1, { outcome: 'claim' }), '{"municipality":"9999"}'].join(
      '\n',
    )
    assert.throws(() => readOutcomes(wrongLine, known), { message: /line 2 \/outcome [\s\S]*line 3 \/municipality/ })
    const text = kept.map((i) => decision(i)).join('\n')
    const act = { at: '2026-03-27T10:00:00Z', by: 'anna' }
    const sha = createHash('sha256').update(text).digest()
    const propose = (content: string) =>
      line.loader.transaction([CODE], async (tx) =>
        proposeOutcome(tx, CODE, sha, await matchOutcomes(tx, CODE, readOutcomes(content, known), line.rates), act),
      )
    await assert.rejects(propose(decision(kept[0] as number, { amount_ore: AMOUNT })), { message: /line 1 .*overpaid/ })
    const { proposalNo, amount } = await propose(text)
    assert.equal(amount, kept.length * (AMOUNT - RIGHT))
    const approve = (by: string, total: number) =>
      bookOutcome(
        { connection: line.loader, rates: line.rates, folders: { out: '', in: '' }, at: () => undefined },
        CODE,
        {
          proposalNo,
          total,
          by,
          at: '2026-03-27T11:00:00Z',
          day: day('2026-03-27'),
        },
      )
    await assert.rejects(approve('anna', amount), { code: 'four_eyes' })
    await assert.rejects(approve('bente', amount - 1), { code: 'stale_total' })
    assert.equal(await approve('bente', amount), kept.length)
    await assert.rejects(approve('carl', amount), { code: 'proposal_not_waiting' })
    const left = await line.reader.transaction([CODE], async (tx) => [
      await readOverpaid(tx, CODE),
      await waitingProposals(tx, CODE),
    ])
    assert.deepEqual(left, [[], []])
    // The next run tells the ERP of it.
    await line.runMonth('2026-03', [CODE])
    const balances = await explained()
    assert.equal(balances.get('overpaid') ?? 0, 0)
    assert.equal(balances.get('claims'), (wrong.length - kept.length) * (AMOUNT - RIGHT))
    await checkTold(line, [CODE])
  })
}
