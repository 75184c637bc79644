/** Two rails at a time: runs that wait beside each other, and files that are sent again and cut off on their way. */
import assert from 'node:assert/strict'
import { copyFileSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Municipality } from '../src/base/id.ts'
import { doTask } from '../src/entry/line/tasks.ts'
import { approveRuns, fileIdOf, type PaymentRun, readRuns } from '../src/modules/payments/index.ts'
import { publishEvents, readEvents } from '../src/modules/events/index.ts'
import { reconcileMunicipality } from '../src/modules/reconciliation/index.ts'
import { Crash, monthOf, testLine } from './support/line.ts'
import { playScenario } from './support/play-scenario.ts'
import { readScenario } from './support/read-scenario.ts'

const line = await testLine()
after(() => line.close())

/** Anna by the bank (KY), Bo by NemKonto (KSD), both on the last of March. */
function scenario(rail: string): string {
  return `# To veje

## Givet

### Skattekort

| borger | kort | procent | fradrag måned |
| --- | --- | --- | --- |
| Anna | hovedkort | 38 | 4.600 |
| Bo | hovedkort | 38 | 4.600 |

### Lokale regler

| regel | enhed | vej | fra |
| --- | --- | --- | --- |
| betalingsvej | ydelse | ${rail} | 2026-03-01 |

## Ordrer

| ordre | borger | ydelse | periode | mængde | beløb |
| --- | --- | --- | --- | --- | --- |
| KY-1 | Anna | kontanthjaelp | 2026-03 | | 12.550 |
| KSD-2 | Bo | sygedagpenge | 2026-03 | 4 uger | 12.000 |

## Når

- kør måned 2026-03 til godkendelse

## Så

### Fund

| fund |
| --- |
`
}

const codes = line.rates.book.municipalities.filter((one) => one.taxMethod === 'base_tens_tax_up' && one.batchBooking)

/** A municipality whose runs of March wait: NemKonto's, then the bank's. */
async function waiting(rail: string): Promise<{ code: Municipality; nks: PaymentRun; bank: PaymentRun }> {
  const code = (codes.shift() as (typeof codes)[0]).code
  await playScenario(line, readScenario(scenario(rail)), () => code)
  const runs = await line.loader.transaction([code], (tx) => readRuns(tx, code))
  assert.deepEqual(
    runs.map((run) => run.rail),
    ['nemkonto', rail],
  )
  return { code, nks: runs[0] as PaymentRun, bank: runs[1] as PaymentRun }
}

const MARCH = monthOf('2026-03')

async function unexplained(code: Municipality): Promise<number[]> {
  const made = await line.loader.transaction([code], (tx) =>
    reconcileMunicipality(tx, code, MARCH, line.rates.book.accounts),
  )
  return made.clearing.map((row) => row.balance_ore - row.explained_ore).filter((ore) => ore !== 0)
}

test('a run that waits while the other of its day is released is explained as due', async () => {
  const { code, nks, bank } = await waiting('bank_account')
  for (const [run, other] of [
    [nks, bank],
    [bank, nks],
  ] as const) {
    assert.deepEqual(await unexplained(code), [], `before ${run.rail}`)
    await line.loader.transaction([code], (tx) =>
      approveRuns(tx, code, [{ run, at: '2026-03-27T09:00:00Z', by: 'bente', total: run.amount }]),
    )
    const world = {
      connection: line.loader,
      rates: line.rates,
      folders: { out: line.out, in: line.incoming },
      at: line.at,
    }
    const actors = { planner: 'planlægger', approver: undefined }
    await doTask(world, { kind: 'pay', municipality: code, runs: [run], month: MARCH, actors })
    assert.deepEqual(await unexplained(code), [], `${other.rail} waits`)
  }
})

function filesOf(code: Municipality): string[] {
  const own = new RegExp(`^${String(code).padStart(4, '0')}R`)
  return readdirSync(join(line.out, 'iso20022'))
    .filter((name) => own.test(name))
    .sort()
}

async function theirs(): Promise<{ doubles: number; faults: unknown[] }> {
  return await line.rail.get('/books')
}

for (const point of ['file:half-written', 'file:before-rename', 'file:after-rename'] as const) {
  for (const rail of ['bank_account', 'bank_party']) {
    test(`${rail}: a file that is sent again and cut off at ${point} goes once`, async () => {
      const { code, bank } = await waiting(rail)
      const run = fileIdOf(code, bank.runNo)
      await line.rail.post('/misbehave', { refuse_file: { run, reason: 'AB08', times: 1 } })
      let begun = false
      // Only what is sent again is cut off.
      line.around(async (task) => {
        if (task.kind !== 'again' || begun) return
        begun = true
        line.crashAt(point)
      }, undefined)
      const before = await theirs()
      await assert.rejects(line.runMonth('2026-03', [code]), Crash)
      line.around(undefined, undefined)
      await line.runMonth('2026-03', [code])
      assert.deepEqual(
        filesOf(code).filter((name) => name.endsWith('.xml')),
        [`${run}.xml`, `${run}~2.xml`],
      )
      const [first, second] = [`${run}.xml`, `${run}~2.xml`].map((name) =>
        readFileSync(join(line.out, 'iso20022', name), 'utf8'),
      ) as [string, string]
      if (rail === 'bank_account') assert.equal(second, first, 'the same id is the same bytes')
      else assert.ok(second.includes(`<MsgId>${run}A2</MsgId>`))
      assert.deepEqual(await theirs().then(({ doubles, faults }) => ({ doubles, faults })), {
        doubles: before.doubles,
        faults: before.faults,
      })
      assert.deepEqual(await unexplained(code), [])
      const made = await line.loader.transaction([code], (tx) =>
        reconcileMunicipality(tx, code, MARCH, line.rates.book.accounts),
      )
      assert.deepEqual(made.findings, [])
      // The first refusal laid there again, under another name, is not a refusal of what went since.
      const [refusal, copy] = ['1', '7'].map((n) => join(line.incoming, `PAIN002-${run}-${n}.xml`)) as [string, string]
      copyFileSync(refusal, copy)
      await line.runMonth('2026-04', [code])
      assert.equal(filesOf(code).length, 2)
      const later = await line.loader.transaction([code], (tx) =>
        reconcileMunicipality(tx, code, monthOf('2026-04'), line.rates.book.accounts),
      )
      assert.deepEqual(later.findings, [])
    })
  }
}

test('a warning beside an accepted payment is told with its code', async () => {
  const code = (codes.shift() as (typeof codes)[0]).code
  const citizens = '### Borgere\n\n| borger | NemKonto |\n| --- | --- |\n| Anna | forbehold |\n\n### Skattekort'
  const text = scenario('bank_party').replace('### Skattekort', citizens).replace(' til godkendelse', '')
  await playScenario(line, readScenario(text), () => code)
  await line.loader.transaction([code], (tx) => publishEvents(tx, [code]))
  const events = await line.loader.transaction([code], (tx) => readEvents(tx, 1, 0, 10_000))
  const own = events.filter((one) => one.kind === 'accepted' && Number(one.municipality) === code)
  assert.deepEqual(
    own.map((one) => [one.order_key?.slice(0, 2), one.code]),
    [['KY', 'DT06']],
  )
})

test('a file that is refused again and again waits for a person in the end', async () => {
  const { code, bank } = await waiting('bank_account')
  const run = fileIdOf(code, bank.runNo)
  await line.rail.post('/misbehave', { refuse_file: { run, reason: 'AB08', times: 9 } })
  await line.runMonth('2026-03', [code])
  assert.deepEqual(filesOf(code), [`${run}.xml`, `${run}~2.xml`, `${run}~3.xml`, `${run}~4.xml`])
  const rows = await line.loader.db.rows<{ at: string }>(
    `select to_char(at at time zone 'UTC', 'HH24:MI') as at from file_attempts where municipality_code = $1 order by attempt`,
    [code],
  )
  assert.deepEqual(
    rows.map((row) => row.at),
    ['12:15', '13:15', '17:15'],
  )
  const work = await line.loader.db.rows<{ kind: string }>(
    `select kind from work_items where municipality_code = $1 and closed_at is null order by kind`,
    [code],
  )
  assert.deepEqual(
    work.map((row) => row.kind),
    ['refused_file', 'unanswered'],
  )
})
