/** A fact file: tax cards, party events, opening claims and payments on claims, by the same door as the orders. */
import { danishDay } from '../../base/danish-time.ts'
import { assert } from '../../base/assert.ts'
import type { Tx } from '../../base/db.ts'
import { type Municipality, numbered } from '../../base/id.ts'
import type { Fault } from '../../base/refusal.ts'
import {
  type Envelope,
  type FileCheck,
  fault,
  fileCheck,
  parseFact,
  type ReadLine,
  readJson,
} from '../../adapters/source-systems/index.ts'
import { knownClaimKeys, type NewClaim, recordClaims } from '../../modules/claims/index.ts'
import { ledgerBatchNo, ledgerWriter, postingDays } from '../../modules/ledger/index.ts'
import { type FaultyLine, SOURCE_SYSTEM_ID } from '../../modules/orders/index.ts'
import {
  type FactRecord,
  type KnownParties,
  openFactWriter,
  openPartyBook,
  type PartyBook,
} from '../../modules/parties/index.ts'
import { letRestoredGo } from './let-go.ts'
import type { Line } from './line.ts'
import { nextWorkNo } from './plan-month.ts'
import { stopUnsent } from './stop-unsent.ts'
import { type PaymentRead, takeClaimPayments } from './take-claim-payments.ts'
import { type LocalFacts, takeLocalFacts } from './take-local-facts.ts'
import { type ReturnRead, takeReturns } from './take-returns.ts'

export interface Body {
  readonly batches: AsyncIterable<readonly ReadLine[]>
  readonly receipt: () => { readonly sha256: string; readonly faults: readonly Fault[] } | undefined
  readonly remembered: KnownParties | undefined
}

export interface Taken {
  readonly check: FileCheck
  readonly accepted: number
  readonly refused: FaultyLine[]
  readonly newVersions: boolean
  /** Øre of benefits in orders that could be read and were not taken. */
  readonly lostOre: number
  readonly parties: PartyBook
}

export async function takeFacts(
  tx: Tx,
  line: Line,
  envelope: Envelope,
  intakeNo: number,
  body: Body,
  options: { readonly knownAt: string; readonly onLines?: ((lines: number) => void) | undefined },
): Promise<Taken> {
  const { municipality } = envelope
  const context = { ...line.rates.known, municipality }
  const parties = await openPartyBook(tx, municipality, intakeNo, undefined, body.remembered)
  const writer = await openFactWriter(tx, municipality, intakeNo, parties)
  const check = fileCheck(envelope)
  const refused: FaultyLine[] = []
  const claims: (FactRecord & { record: 'claim_opening' })[] = []
  const payments: PaymentRead[] = []
  const returns: ReturnRead[] = []
  const local: LocalFacts = { rules: [], paidBefore: [] }
  let accepted = 0
  let [cards, restored] = [false, false]
  for await (const lines of body.batches) {
    for (const read of lines) {
      const json = read.problem === undefined ? readJson(read.text) : { fault: fault(read.problem, '', 'Unreadable.') }
      const parsed = json.fault === undefined ? parseFact(json.value, context) : { faults: [json.fault] }
      if (json.fault === undefined) check.addFact()
      else check.addUnreadable()
      if (parsed.faults !== undefined)
        refused.push({ line: read.number, orderKey: '', version: 0, faults: parsed.faults })
      else {
        accepted++
        const { fact } = parsed
        if (fact.record === 'tax_card') cards = true
        if (fact.record === 'party_event' && fact.event === 'restored') restored = true
        if (fact.record === 'claim_opening') claims.push(fact)
        else if (fact.record === 'claim_payment') payments.push({ fact, line: read.number })
        else if (fact.record === 'return_opening') returns.push({ fact, line: read.number })
        else if (fact.record === 'paid_before') local.paidBefore.push({ fact, line: read.number })
        else if ('validFrom' in fact) local.rules.push(fact)
        else writer.add(fact)
      }
    }
    options.onLines?.(lines.length)
  }
  const opened = await openClaims(tx, line, municipality, intakeNo, claims, parties.id, options)
  const intake = { municipality, intakeNo, knownAt: options.knownAt }
  const taken = await takeLocalFacts(tx, line.rates, intake, local, parties)
  accepted -= taken.records
  refused.push(...taken.refused)
  for (const wrong of [
    ...(await takeReturns(tx, line.rates, intake, returns, parties)),
    ...(await takeClaimPayments(tx, line.rates, intake, payments, parties)),
  ]) {
    accepted--
    refused.push(wrong)
  }
  await parties.flush(tx)
  await writer.flush(tx)
  if (restored) await letRestoredGo(tx, line.rates, intake)
  await stopUnsent(tx, line.rates, { municipality, knownAt: options.knownAt, intakeNo, cards })
  for (const key of opened.known) {
    refused.push({
      line: 0,
      orderKey: key,
      version: 0,
      faults: [fault('claim_known', '/claim_key', `The claim ${key} is known.`)],
    })
  }
  return { check, accepted: accepted - opened.known.length, refused, newVersions: false, lostOre: 0, parties }
}

/** Opening claims are posted against their own opening account, so that the takeover can be reckoned up. */
async function openClaims(
  tx: Tx,
  line: Line,
  municipality: Municipality,
  intakeNo: number,
  facts: readonly (FactRecord & { record: 'claim_opening' })[],
  partyId: PartyBook['id'],
  options: { readonly knownAt: string; readonly onLines?: ((lines: number) => void) | undefined },
): Promise<{ known: string[] }> {
  if (facts.length === 0) return { known: [] }
  const known = await knownClaimKeys(
    tx,
    municipality,
    facts.map((fact) => fact.claimKey),
  )
  const claims: NewClaim[] = []
  const refused: string[] = []
  const workNo = await nextWorkNo(tx, municipality)
  const day = danishDay(options.knownAt)
  const book = ledgerWriter(municipality)
  const postedOn = (await postingDays(tx, municipality))(day)
  const ledger = book.batch(ledgerBatchNo(workNo, 0), postedOn, options.knownAt, day)
  for (const fact of facts) {
    if (known.has(fact.claimKey)) {
      refused.push(fact.claimKey)
      continue
    }
    known.add(fact.claimKey)
    // Whatever its time: a claim may be of a benefit that is no more, and needs no rule of that day.
    const { benefitSystem, benefitId } = line.rates.known
    const [system, benefit] = [benefitSystem.get(fact.benefit), benefitId.get(fact.benefit)]
    assert(system !== undefined && benefit !== undefined, `${fact.benefit} is not known`)
    const source = SOURCE_SYSTEM_ID[system]
    const claimId = numbered(intakeNo, claims.length)
    claims.push({
      claimId,
      claimKey: fact.claimKey,
      sourceSystem: source,
      debtor: partyId(fact.debtor),
      benefit,
      period: fact.period,
      amount: fact.amount,
      dueDate: fact.dueDate,
      cause: fact.cause,
      order: 0,
    })
    ledger.entry(claimId)
    const claimAccount = line.rates.account(`claims:${system}`).id
    ledger.transfer(source, benefit, claimAccount, line.rates.account('claims_opening').id, fact.amount, 0)
  }
  await tx.run(
    `insert into work_batches (municipality_code, work_no, kind, cause, known_at) values ($1, $2, 'facts', $3, $4)`,
    [municipality, workNo, `intake ${intakeNo}`, options.knownAt],
  )
  await tx.run(`insert into work_done values ($1, $2, $3)`, [
    municipality,
    workNo,
    JSON.stringify({ claims: claims.length }),
  ])
  await book.write(tx)
  await recordClaims(tx, municipality, claims)
  return { known: refused }
}
