/**
 * What an auditor asks: what was known of a citizen on a day, whatever came since, and everything that somebody did
 * and looked at. The list of acts is kept here by itself, as they are done.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { day } from '../src/base/date.ts'
import { connect } from '../src/base/db.ts'
import { type Verb, verbOf } from '../src/entry/cli/verbs.ts'
import { demoTokens } from '../src/entry/http/demo-tokens.ts'
import { buildServer } from '../src/entry/http/index.ts'
import { issueToken } from '../src/modules/access/index.ts'
import { publishEvents } from '../src/modules/events/index.ts'
import { asKnownBefore, KNOWN_BY, ONLY_NOW, TIMELESS } from '../src/modules/overview/index.ts'
import { command } from './support/command.ts'
import { benefitOrder, citizenOf, factFile, mainCard, orderFile } from './support/files.ts'
import { testLine } from './support/line.ts'

const AARHUS = 751
const COPENHAGEN = 101
const NOW = '2026-05-20T09:00:00.000Z'
const ANNA = citizenOf(1)
const MARCH = day('2026-03-01')

const line = await testLine()
const dataDir = mkdtempSync(join(tmpdir(), 'toek-auditor-'))
const owner = await connect(line.url, 'owner')
const tokens = await demoTokens(owner, { mode: 'demo', dataDir, municipalities: [AARHUS, COPENHAGEN], now: NOW })
const unmasked = 'auditor-of-aarhus-who-sees-whole-numbers'
await owner.transaction([AARHUS], (tx) => {
  const roles = ['auditor', 'unmasked']
  const who = { actor: 'revisor', kind: 'auditor', sourceSystem: undefined, roles, municipalities: [AARHUS] } as const
  return issueToken(tx, { ...who, token: unmasked, validFrom: NOW })
})
await owner.close()
const folders = { out: line.out, in: line.out }
const app = await buildServer({ url: line.url, rates: line.rates, folders, now: () => NOW, mode: 'demo' })
after(async () => {
  await app.close()
  await line.close()
  rmSync(dataDir, { recursive: true })
})

async function toek(user: string, verb: string, ...args: string[]): Promise<{ code: string | number; out: string }> {
  const done = command((await verbOf(verb)) as Verb, args, { dataDir, url: line.url, now: NOW, user })
  return await done.catch((error: { code: string }) => ({ code: error.code, out: '' }))
}

async function ask(token: string, method: 'GET' | 'POST', url: string, payload?: unknown) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const answer = await app.inject({
    method,
    url,
    headers,
    ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }),
  })
  return { status: answer.statusCode, text: answer.body, body: answer.json() }
}

function order(code: string, ore: number, more: Record<string, unknown> = {}) {
  const one = benefitOrder({
    key: 'KY-1',
    municipality: code,
    citizen: ANNA,
    benefit: 'kontanthjaelp',
    kle: '32.24.04',
    ore,
  })
  return { ...one, ...more }
}

/** What Anna's two municipalities did in March: she was paid in both, and owes one of them. */
async function march(): Promise<void> {
  const kontanthjaelp = line.rates.benefitByKey('kontanthjaelp', MARCH)
  const card = (municipality: string) =>
    mainCard(municipality, ANNA, line.rates.unit(Number(municipality), kontanthjaelp.unitKind, MARCH).se.toString())
  const claim = {
    record: 'claim_opening',
    claim_key: 'KY-F-1',
    municipality: '0751',
    debtor: { type: 'cpr', id: ANNA },
    benefit: 'kontanthjaelp',
    period: { from: '2025-11-01', to: '2025-12-01' },
    amount_ore: 186_000,
    due_date: '2026-01-15',
    cause: 'urigtig_oplysning',
  }
  const setOff = { line_key: '2', kind: 'set_off', amount_ore: 50_000, claim_key: 'KY-F-1' }
  await line.importText(factFile('F-0751-1', '0751', '2026-03', [card('0751'), claim]), '2026-03')
  await line.importText(factFile('F-0101-1', '0101', '2026-03', [card('0101')]), '2026-03')
  const own = order('0751', 1_255_000)
  await line.importText(orderFile('KY-0751-1', '2026-03', [{ ...own, lines: [...own.lines, setOff] }]), '2026-03')
  await line.importText(orderFile('KY-0101-1', '2026-03', [order('0101', 777_700)]), '2026-03')
  await line.runMonth('2026-03', [AARHUS, COPENHAGEN])
  await tell()
}

/** Tells the source systems what has become of their orders, as the end of a month does. */
async function tell(): Promise<void> {
  await line.loader.transaction([AARHUS, COPENHAGEN], (tx) => publishEvents(tx, [AARHUS, COPENHAGEN]))
}

async function person(...args: string[]): Promise<string> {
  const { code, out } = await toek('revisor', 'person', ANNA, '--municipality', '0751', '--json', ...args)
  assert.equal(code, 0, out)
  return out
}

test('every table says when a row of it was known, or why it has no time', async () => {
  const tables = await line.loader.db.rows<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1`,
  )
  const said = [...Object.keys(KNOWN_BY), ...TIMELESS, ...ONLY_NOW].sort()
  assert.deepEqual(said, tables.map((one) => one.name).sort())
  // Each of them can be asked, and the views too.
  const admin = await connect(line.url, undefined)
  try {
    await admin.transaction([AARHUS], async (tx) => {
      const then = await asKnownBefore(tx, '2026-01-01T00:00:00Z')
      for (const table of [...Object.keys(KNOWN_BY), 'payables', 'ledger_lines_v1']) {
        assert.equal(await then.first(`select 1 from ${table} limit 1`), undefined, table)
      }
      await assert.rejects(then.rows('select 1 from work_items'), /only known as it is now/)
      await assert.rejects(then.run('insert into audit_log default values'), /only questions/)
    })
  } finally {
    await admin.close()
  }
})

test('what was known on a day is answered the same after whatever came since, and whole', async () => {
  await march()
  const then = await person('--known-on', '2026-03-31')
  const shown = JSON.parse(then)
  const [one] = shown.orders
  assert.deepEqual([shown.orders.length, one.order_key, one.version, one.held], [1, 'KY-1', 1, false])
  // 12,550.00 less ATP, tax and 500.00 of what she owes.
  assert.deepEqual(
    shown.payments.map((p: { end_to_end_id: string; amount_ore: number }) => [p.end_to_end_id, p.amount_ore]),
    [['0751R1N1', 896_800]],
  )
  assert.deepEqual(shown.payments[0].steps.map((s: { step: string }) => s.step).sort(), [
    'approved',
    'assembled',
    'controlled',
    'planned',
    'released',
    'sent',
  ])
  assert.equal(shown.payments[0].bank.length, 1, 'the bank has booked it')
  assert.deepEqual([shown.claims[0].amount_ore, shown.claims[0].left_ore], [186_000, 136_000])
  assert.deepEqual(shown.claim_payments, [])
  assert.deepEqual(shown.overpaid, [])
  assert.deepEqual(
    shown.events.map((e: { kind: string }) => e.kind),
    ['received', 'calculated', 'claim_changed', 'in_round', 'sent', 'accepted', 'paid', 'reported'],
  )
  assert.deepEqual([...new Set(shown.told.map((d: { kind: string }) => d.kind))].sort(), [
    'eindkomst',
    'g69',
    'ydelsesindeks',
    'ydelsesrefusion',
  ])
  assert.equal(one.specifications[0].totals.net_ore, 896_800)
  const debits = shown.postings.reduce((sum: number, p: { amount_ore: number }) => sum + p.amount_ore, 0)
  assert.ok(debits > 0, 'the postings of her items')
  assert.equal(shown.ledger.ok, true)
  assert.match(shown.ledger.head, /^[0-9a-f]{64}$/)

  // Then a lower decision: 3,000.00 are overpaid.
  const down = order('0751', 955_000, {
    version: 2,
    decision: { key: 'A-2', date: '2026-04-12' },
    disposition_date: '2026-04-30',
  })
  await line.importText(orderFile('KY-0751-2', '2026-04', [down]), '2026-04')
  const received = {
    record: 'claim_payment',
    municipality: '0751',
    claim_key: 'KY-F-1',
    payment_key: 'DEB-1',
    amount_ore: 36_000,
    date: '2026-04-10',
  }
  await line.importText(factFile('F-0751-2', '0751', '2026-04', [received]), '2026-04')
  await line.runMonth('2026-04', [AARHUS])
  await tell()
  assert.equal(await person('--known-on', '2026-03-31'), then, 'the same to the byte')
  const now = JSON.parse(await person())
  assert.deepEqual([now.orders[0].version, now.orders[0].history.length], [2, 2])
  assert.equal(now.overpaid[0].amount_ore, 300_000)
  const [paid] = now.claim_payments
  assert.deepEqual([now.claim_payments.length, paid.payment_key, paid.taken_ore], [1, 'DEB-1', 36_000])
  assert.equal(now.known_on, null)
  assert.notEqual(now.ledger.head, shown.ledger.head)
  assert.ok(now.ledger.batches > shown.ledger.batches)
  // Nothing was known before the files came, and nobody of that name is known elsewhere.
  assert.equal(
    (await toek('revisor', 'person', ANNA, '--municipality', '0751', '--known-on', '2026-01-31')).code,
    'unknown',
  )
  assert.equal((await toek('revisor', 'person', citizenOf(2), '--municipality', '0751')).code, 'unknown')
})

test('what is overpaid and its task are listed with cause, benefit and period, in Danish', async () => {
  const listed = await toek('anna', 'overpaid', '--municipality', '0751')
  assert.equal(listed.code, 3)
  const rows = listed.out.split('\n')
  assert.match(rows[0] ?? '', /^Ordre +Ydelse +Periode +Siden +Grund +Beløb$/)
  const since = '\\d{4}-\\d\\d-\\d\\d'
  const row = `^0751 KY KY-1/1 v2 +Kontanthjælp +2026-03-01 – 2026-03-31 +${since} +Sat ned eller flyttet +3\\.000,00 kr\\.$`
  assert.match(rows[1] ?? '', new RegExp(row))
  assert.equal(rows.at(-2), '1 poster, i alt 3.000,00 kr.')
  const { out } = await toek('anna', 'work', '--municipality', '0751')
  const task = '\\(KY\\) For meget udbetalt, ikke afgjort: KY KY-1/1 v1: sat ned eller flyttet, 3\\.000,00 kr\\.$'
  assert.match(out, new RegExp(task, 'm'))
  assert.deepEqual(await toek('anna', 'overpaid', '--municipality', '0101'), {
    code: 0,
    out: 'Intet er for meget udbetalt uden afgørelse.\n',
  })
})

test('another municipality’s is never shown, and citizens are masked unless the token says otherwise', async () => {
  const asked = { municipality: '0751', cpr: ANNA }
  const masked = await ask(tokens['auditor'] ?? '', 'POST', '/api/v1/persons/extract', asked)
  assert.equal(masked.status, 200, masked.text)
  assert.ok(!masked.text.includes(ANNA) && !masked.text.includes(ANNA.slice(6)), 'no whole number')
  assert.ok(!masked.text.includes('777700') && !masked.text.includes('0101R'), 'nothing of the other municipality')
  const whole = await ask(unmasked, 'POST', '/api/v1/persons/extract', asked)
  assert.equal(whole.body.party.id, ANNA)
  const elsewhere = await ask(unmasked, 'POST', '/api/v1/persons/extract', { ...asked, municipality: '0101' })
  assert.equal(elsewhere.status, 403)
  for (const holder of ['KY', 'planlaegger'])
    assert.equal((await ask(tokens[holder] ?? '', 'POST', '/api/v1/persons/extract', asked)).status, 403, holder)
  const faulty = await ask(unmasked, 'POST', '/api/v1/persons/extract', {
    municipality: '751',
    cpr: '1',
    known_on: 'May',
  })
  assert.deepEqual(
    faulty.body.faults.map((one: { pointer: string }) => one.pointer),
    ['/municipality', '/cpr', '/known_on'],
  )
  const then = await ask(unmasked, 'POST', '/api/v1/persons/extract', { ...asked, known_on: '2026-03-31' })
  assert.equal(then.body.orders[0].version, 1)
})

test('all that somebody did and looked at in a month, page by page, and nothing else', async () => {
  const did: string[] = []
  const act = async (what: string, done: Promise<{ code?: string | number; status?: number }>) => {
    const { code, status } = await done
    assert.ok(code === 0 || code === 3 || status === 200, `${what}: ${code ?? status}`)
    did.push(what)
  }
  const place = ['--municipality', '0751']
  const file = orderFile('KY-0751-3', '2026-05', [
    {
      ...order('0751', 100_000),
      order_key: 'KY-7',
      beneficiary: { type: 'cpr', id: citizenOf(7) },
      payee: { type: 'cpr', id: citizenOf(7) },
    },
  ])
  const path = join(dataDir, 'may.ndjson')
  writeFileSync(path, file)
  await act('intake.loaded KY-0751-3', toek('Ida', 'import', path))
  await act('order.hold KY KY-7', toek('Ida', 'hold', 'KY', 'KY-7', ...place, '--reason', 'ses efter', '--by', 'Ida'))
  await act(
    'order.release KY KY-7',
    toek('Ida', 'hold', 'KY', 'KY-7', ...place, '--reason', 'set', '--release', '--by', 'Ida'),
  )
  await act('order.read KY KY-1', toek('Ida', 'explain', 'KY', 'KY-1', ...place))
  await act('payment.read 0751R1N1', toek('Ida', 'explain', '0751R1N1'))
  await act('switch.on KSD', toek('Ida', 'switch', 'on', 'KSD', ...place, '--reason', 'prøve'))
  await act('person.read party 16777216', toek('Ida', 'person', ANNA, ...place, '--known-on', '2026-03-31'))
  await act(
    'audit.read Bo',
    toek('Ida', 'audit', '--user', 'Bo', '--from', '2026-05-01', '--to', '2026-05-31', ...place),
  )
  await act(
    'audit.read Bo',
    toek('Bo', 'audit', '--user', 'Bo', '--from', '2026-05-01', '--to', '2026-05-31', ...place),
  )
  did.pop()
  const listed: string[] = []
  let after = ''
  do {
    const range = `user=Ida&from=2026-05-01&to=2026-05-31&limit=2${after === '' ? '' : `&after=${encodeURIComponent(after)}`}`
    const { status, body, text } = await ask(tokens['auditor'] ?? '', 'GET', `/api/v1/audit?${range}`)
    assert.equal(status, 200, text)
    listed.push(...body.acts.map((one: { command: string; subject: string }) => `${one.command} ${one.subject}`))
    after = body.next ?? ''
  } while (after !== '')
  assert.deepEqual(listed.sort(), did.sort())
  const april = await toek('Bo', 'audit', '--user', 'Ida', '--from', '2026-04-01', '--to', '2026-04-30', '--json')
  assert.equal(april.out, '')
  const steps = await toek(
    'Bo',
    'audit',
    '--user',
    'godkender',
    '--from',
    '2026-03-01',
    '--to',
    '2026-03-31',
    ...place,
    '--json',
  )
  const commands = steps.out
    .trim()
    .split('\n')
    .map((one) => (JSON.parse(one) as { command: string }).command)
  assert.deepEqual(commands.sort(), ['run.approved', 'run.released', 'run.sent'])
  const told = await toek('Bo', 'audit', '--user', 'godkender', '--from', '2026-03-01', '--to', '2026-03-31', ...place)
  assert.match(told.out, /\(beløb [\d.]+,\d\d kr\./)
  assert.doesNotMatch(told.out, /_ore/)
  assert.match(told.out, /\n3 handlinger og opslag\.\n$/)
  assert.equal(
    (await ask(tokens['KY'] ?? '', 'GET', '/api/v1/audit?user=Ida&from=2026-05-01&to=2026-05-31')).status,
    403,
  )
})

test('a claim says by what provision it was decided, and when its debtor was heard and told', async () => {
  const decision = { key: 'T-3', date: '2026-05-04', hearing_date: '2026-04-20', notice_date: '2026-05-06' }
  const repayment = {
    line_key: '3',
    kind: 'repayment',
    benefit: 'kontanthjaelp',
    component: 'ydelse',
    period: { from: '2026-03-01', to: '2026-04-01' },
    amount_ore: 300_000,
    claim_key: 'KY-F-2',
    cause: 'urigtig_oplysning',
    legal_basis: 'LAS § 91',
    decision,
  } as const
  const { lines, ...head } = order('0751', 955_000, { version: 3, disposition_date: '2026-05-29' })
  await line.importText(orderFile('KY-0751-4', '2026-05', [{ ...head, lines: [...lines, repayment] }]), '2026-05')
  await line.runMonth('2026-05', [AARHUS])
  await tell()
  const now = JSON.parse(await person())
  const { hearing_date, notice_date } = decision
  const how = { legal_basis: 'LAS § 91', decision_key: 'T-3', decision_date: '2026-05-04', hearing_date, notice_date }
  type Said = Record<string, unknown>
  const saidOf = (one: Said) => Object.fromEntries(Object.keys(how).map((name) => [name, one[name]]))
  const silent = Object.fromEntries(Object.keys(how).map((name) => [name, null]))
  // The one that was taken over says nothing of it.
  assert.deepEqual(now.claims.map(saidOf), [silent, how])
  assert.deepEqual(saidOf(now.orders[0].lines.find((one: Said) => one['claim_key'] === 'KY-F-2')), how)
  const [told] = now.events.filter((one: Said) => one['kind'] === 'claim_opened')
  assert.deepEqual([told.legal_basis, told.hearing_date, told.notice_date], ['LAS § 91', hearing_date, notice_date])
  const { repayments } = now.orders[0].specifications.at(-1)
  assert.deepEqual(repayments[0].decision, decision)
  const { out } = await toek('revisor', 'person', ANNA, '--municipality', '0751')
  assert.doesNotMatch(out, /\b1 (hændelser|handlinger|posteringer|partier)/)
  const dates = 'Afgjort 4. maj 2026; hjemmel: LAS § 91; partshørt 20. april 2026; meddelt 6. maj 2026'
  assert.match(out, new RegExp(`^Fordring KY-F-2: .* kr\\. ${dates.replaceAll('.', '\\.')}$`, 'm'))
  const before = JSON.parse(await person('--known-on', '2026-04-30'))
  assert.deepEqual(before.claims.map(saidOf), [silent])
})
