/**
 * Payments that nobody claims, or that find no account: who closes them, and what the bank books on the error account.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeStatement } from '../../src/adapters/bank/write-statement.ts'
import { day } from '../../src/base/date.ts'
import type { StatementEntry } from '../../src/modules/payments/index.ts'

import { askAccount } from '../../src/entry/line/ask-account.ts'
import { approveReturnClosing, proposeReturnClosing } from '../../src/entry/line/close-returns.ts'
import { findWork } from '../../src/modules/overview/index.ts'
import { accountOf } from './local-facts.ts'
import { paymentTo } from './play-rail.ts'
import { municipalityOf, type Play } from './play-scenario.ts'
import { oreOf } from './read-scenario.ts'

const NAME = '([\\wæøåÆØÅ]+)'
const DATE = '(\\d{4}-\\d{2}-\\d{2})'
const PROPOSE = new RegExp(`^${NAME} indstiller uafhentede betalinger til lukning ${DATE}(?: og afvises: (\\w+))?$`)
const APPROVE = new RegExp(`^${NAME} godkender lukning (\\d+) på ([\\d.,]+) kr\\. ${DATE}(?: og afvises: (\\w+))?$`)
const CREDITED = new RegExp(`^Banken bogfører betalingen til ${NAME} på fejlkontoen ${DATE}$`)

const ASK = new RegExp(`^${NAME} beder ${NAME} om en konto ${DATE}(?: og afvises: (\\w+))?$`)

/** False when the item is about something else. */
export async function closeReturns(play: Play, item: string): Promise<boolean> {
  for (const does of [propose, approve, onErrorAccount, askFor]) if (await does(play, item)) return true
  return false
}

async function askFor(play: Play, item: string): Promise<boolean> {
  const [, by, alias = '', date, refused] = ASK.exec(item) ?? []
  if (by === undefined || date === undefined) return false
  const { loader, rates, out, incoming, at } = play.line
  const line = { connection: loader, rates, folders: { out, in: incoming }, at }
  const { id } = await paymentTo(play, alias)
  const act = { municipality: municipalityOf(play, ''), payment: id, by, at: `${date}T09:00:00Z` }
  return await acting(play, refused, askAccount(line, act))
}

async function acting(play: Play, refused: string | undefined, done: Promise<unknown>): Promise<true> {
  if (refused === undefined) await done
  else await assert.rejects(done, { code: refused })
  const code = municipalityOf(play, '')
  await play.line.loader.transaction([code], (tx) => findWork(tx, [code], `${play.month}-28T12:00:00Z`))
  return true
}

async function propose(play: Play, item: string): Promise<boolean> {
  const [, by, date, refused] = PROPOSE.exec(item) ?? []
  if (by === undefined || date === undefined) return false
  const act = { municipality: municipalityOf(play, ''), by, at: `${date}T09:00:00Z`, asOf: day(date) }
  const done = play.line.loader.inTurn(act.municipality, (tx) => proposeReturnClosing(tx, act))
  return await acting(play, refused, done)
}

async function approve(play: Play, item: string): Promise<boolean> {
  const [, by, number, amount, date, refused] = APPROVE.exec(item) ?? []
  if (by === undefined || amount === undefined || date === undefined) return false
  const { loader, rates } = play.line
  const act = { municipality: municipalityOf(play, ''), by, at: `${date}T10:00:00Z`, on: day(date) }
  const closing = { ...act, closingNo: Number(number), total: oreOf(amount) }
  return await acting(
    play,
    refused,
    loader.inTurn(act.municipality, (tx) => approveReturnClosing(tx, rates, closing)),
  )
}

/** The bank's statement of the municipality's own error account: the payment came in, and somebody else's money. */
async function onErrorAccount(play: Play, item: string): Promise<boolean> {
  const [, alias, date] = CREDITED.exec(item) ?? []
  if (alias === undefined || date === undefined) return false
  const code = municipalityOf(play, '')
  const { ref, id } = await paymentTo(play, alias)
  const found = await play.line.reader.transaction([code], (tx) =>
    tx.first<{ amount: number }>('select amount_ore as amount from payments where payment_id = $1', [id]),
  )
  const amount = found?.amount ?? 0
  const account = accountOf(String(code).padStart(4, '0'), 'fejlkonto')
  const on = day(date)
  const entry = (bankRef: string, ore: number, endToEndId: string) => ({
    bankRef: `${date}-${bankRef}`,
    amount: ore,
    bookingDate: on,
    valueDate: on,
    bundleId: '',
    endToEndId,
    reason: '',
    count: 1,
  })
  const entries = [entry('1', amount, ref), entry('2', 5_00, '')] as StatementEntry[]
  const header = { statementId: `F-${date}`, number: 1, account, date: on, opening: 0, closing: amount + 5_00 }
  const told = header as Parameters<typeof writeStatement>[0]
  const text = [...writeStatement(told, entries, { version: '08', createdAt: `${date}T23:00:00` })].join('')
  writeFileSync(join(play.line.incoming, `camt053-${account}-${date}.xml`), text)
  return true
}
