/**
 * Takes over what an old system had back and had not paid again: each stands as what that system paid, with its payment
 * and its return, so that it is an open item on our return account as any that came back here. Booked against the
 * takeover's own account, so that what was taken over can be reckoned up. @da overtaget returnering
 */
import { createHash } from 'node:crypto'
import { danishDay } from '../../base/danish-time.ts'
import type { Tx } from '../../base/db.ts'
import { itemId, numbered, takenOverPayment } from '../../base/id.ts'
import { ZERO } from '../../base/money.ts'
import { fault, type ReturnOpening } from '../../adapters/source-systems/index.ts'
import { ledgerBatchNo, ledgerWriter, postingDays } from '../../modules/ledger/index.ts'
import {
  type Base,
  type FaultyLine,
  type PaidBefore,
  recordBases,
  SOURCE_SYSTEM_ID,
} from '../../modules/orders/index.ts'
import type { PartyBook } from '../../modules/parties/index.ts'
import { knownOpeningReturns, type OpeningReturn, recordOpeningReturns } from '../../modules/payments/index.ts'
import type { RateReader } from '../../modules/rates/index.ts'
import { payOf } from './item-accounts.ts'
import { type Intake, recordWhatWasPaid } from './take-local-facts.ts'
import { recordsOf } from './take-claim-payments.ts'

export interface ReturnRead {
  readonly fact: ReturnOpening
  /** Of the file. */
  readonly line: number
}

/** What is taken over of one, by its order. */
interface Taken {
  readonly fact: ReturnOpening
  readonly hash: Buffer
  readonly order: number
}

/** Gives what was refused; what is known with the same content has no effect. */
export async function takeReturns(
  tx: Tx,
  rates: RateReader,
  intake: Intake,
  read: readonly ReturnRead[],
  parties: PartyBook,
): Promise<FaultyLine[]> {
  if (read.length === 0) return []
  const { municipality, intakeNo, knownAt } = intake
  const keys = read.map(({ fact }) => ({ source: SOURCE_SYSTEM_ID[fact.sourceSystem], returnKey: fact.returnKey }))
  const known = await knownOpeningReturns(tx, municipality, keys)
  const first = await recordsOf(tx, municipality, intakeNo)
  const refused: FaultyLine[] = []
  const taken: Taken[] = []
  for (const { fact, line } of read) {
    const key = `${SOURCE_SYSTEM_ID[fact.sourceSystem]} ${fact.returnKey}`
    const hash = createHash('sha256').update(JSON.stringify(fact)).digest()
    const before = known.get(key)
    if (before?.equals(hash) === true) continue
    const wrong =
      before !== undefined
        ? fault('return_opening_conflict', '/return_key', `${fact.returnKey} is known with other content.`)
        : fact.returnedOn > danishDay(knownAt)
          ? fault('return_opening_dates', '/returned_on', 'It has not come back yet.')
          : undefined
    if (wrong !== undefined) refused.push({ line, orderKey: fact.returnKey, version: 0, faults: [wrong] })
    else {
      known.set(key, hash)
      taken.push({ fact, hash, order: numbered(intakeNo, first + taken.length) })
    }
  }
  if (taken.length > 0) await record(tx, rates, intake, taken, parties)
  return refused
}

async function record(
  tx: Tx,
  rates: RateReader,
  intake: Intake,
  taken: readonly Taken[],
  parties: PartyBook,
): Promise<void> {
  const { municipality, intakeNo, knownAt } = intake
  const bases: Base[] = taken.map(({ fact, hash, order }) => ({ order, hash, items: [paidBefore(rates, fact)] }))
  const benefitId = (key: string) => rates.known.benefitId.get(key) ?? 0
  await recordBases(tx, municipality, bases, (ref) => parties.id(ref), benefitId)
  const workNo = await recordWhatWasPaid(tx, rates, intake, bases, parties, `returns taken over ${intakeNo}`)
  const today = danishDay(knownAt)
  const books = ledgerWriter(municipality)
  const ledger = books.batch(ledgerBatchNo(workNo, 0), (await postingDays(tx, municipality))(today), knownAt)
  const [opening, returned] = [rates.account('returns_opening').id, rates.account('returned').id]
  const returns = taken.map(({ fact, hash, order }): OpeningReturn => {
    const [source, benefit] = [SOURCE_SYSTEM_ID[fact.sourceSystem], benefitId(fact.benefit)]
    const of = { payment: takenOverPayment(order), item: itemId(order, 1), source, payee: parties.id(fact.payee), hash }
    ledger.entry(of.payment)
    ledger.transfer(source, benefit, opening, returned, fact.amount, of.item)
    return { ...fact, ...of, ...payOf(rates, municipality, benefit, fact.period.from, today) }
  })
  await books.write(tx)
  await recordOpeningReturns(tx, municipality, workNo, returns)
}

/**
 * What is left after tax alone: the old system has told the rest. With a blank in its key: no source system can send a
 * version of it.
 */
function paidBefore(rates: RateReader, fact: ReturnOpening): PaidBefore {
  const { sourceSystem, caseKey, beneficiary, payee, benefit, period, amount, paidOn, reference } = fact
  const nothing = {
    ownAtp: ZERO,
    am: ZERO,
    tax: ZERO,
    employerAtp: ZERO,
    pension: ZERO,
    allowance: ZERO,
    frikort: ZERO,
  }
  return {
    sourceSystem,
    orderKey: `${fact.returnKey} retur`,
    lineKey: '1',
    caseKey,
    decision: { key: reference, date: paidOn },
    beneficiary,
    payee,
    employee: undefined,
    benefit,
    component: 'returneret',
    period,
    quantity: { unit: 'day', thousandths: 1000 * (period.to - period.from) },
    kle: rates.benefitByKey(benefit, period.from).kle,
    gross: amount,
    net: amount,
    ...nothing,
    taxRate: 0,
    dispositionDate: paidOn,
  }
}
