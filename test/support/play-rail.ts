/** A rail that does not answer, answers late, or answers again: by the fake's own way to do wrong, and by its files. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeAnswerFile } from '../../src/adapters/nemkonto/write-answer-file.ts'
import { sendAgain } from '../../src/entry/line/send-again.ts'
import { TAKEN_OVER } from '../../src/base/id.ts'
import { endToEndIdOf, fileIdOf, fileOfId } from '../../src/modules/payments/index.ts'
import { goWrong } from './play-incoming.ts'
import { municipalityOf, partyOf, type Play } from './play-scenario.ts'

const SILENT = /^NemKonto svarer ikke på betalingen til (\S+)$/
/** `igen`: the same answer in another file. It is 8, accepted, unless it is said to be 7, no account. */
const LATE = /^NemKontos svar( 7)? på (betalingen|den første betaling) til (\S+) kommer (sent|igen)$/

/** The code is the rail's reason: a bank's is ISO's. Without more it is refused once. */
const REFUSED = /^(?:NemKonto|Banken) afviser filen til (\S+?)(?: (\d+) gange)?: (\w+)$/
const AGAIN = /^(\S+) sender filen til (\S+) igen(?: og afvises: (\w+))?$/

/** False when the item is about something else. */
export async function misbehave(play: Play, item: string): Promise<boolean> {
  const silent = SILENT.exec(item)
  if (silent !== null) {
    const { ref } = await paymentTo(play, silent[1] as string)
    await play.line.rail.post('/misbehave', { drop_answer: ref })
    return true
  }
  const refused = REFUSED.exec(item)
  if (refused !== null) {
    const [, alias = '', times = '1', reason] = refused
    const { fileId } = await paymentTo(play, alias)
    await play.line.rail.post('/misbehave', { refuse_file: { run: fileId, reason, times: Number(times) } })
    return true
  }
  const again = AGAIN.exec(item)
  if (again !== null) {
    const [, by = '', alias = '', refusal] = again
    const sent = resend(play, by, alias)
    if (refusal === undefined) await sent
    else await assert.rejects(sent, { code: refusal })
    return true
  }
  const late = LATE.exec(item)
  if (late === null) return await goWrong(play, item)
  const { ref, fileId } = await paymentTo(play, late[3] as string, late[2] === 'betalingen' ? 'newest' : 'first')
  const suffix = late[4] === 'sent' ? '-3' : '-4'
  const header = { answerId: `${fileId}${suffix}`, fileId, createdAt: `${play.month}-28T11:05:00`, count: 1 }
  const said = late[1] === undefined ? { kind: 8 as const, reason: '' } : { kind: 7 as const, reason: 'NOACCOUNT' }
  const answer = { ...said, ref, waitingAccount: false }
  const text = [...writeAnswerFile(header, [answer])].join('')
  writeFileSync(join(play.line.incoming, `NKS-${fileId}${suffix}.xml`), text)
  return true
}

/** As `toek resend` does, on the 28th of the month that was run last. */
async function resend(play: Play, by: string, alias: string): Promise<void> {
  const code = municipalityOf(play, '')
  const { fileId } = await paymentTo(play, alias)
  const { loader, rates, out, incoming, at } = play.line
  const line = { connection: loader, rates, folders: { out, in: incoming }, at }
  const now = `${play.month}-28T12:00:00+00:00`
  await sendAgain(line, code, now, { runNo: fileOfId(fileId)?.runNo ?? 0, at: now, by, reason: 'rettet' })
}

/** A payment to somebody, and the file that it is in. */
export async function paymentTo(
  play: Play,
  alias: string,
  which: 'newest' | 'first' = 'newest',
): Promise<{
  readonly ref: string
  readonly fileId: string
  readonly id: number
  readonly run: number
  readonly amount: number
}> {
  const code = municipalityOf(play, '')
  // What came back before the takeover is the oldest.
  const order = which === 'newest' ? 'desc' : 'asc'
  const found = await play.line.reader.transaction([code], (tx) =>
    tx.first<{ id: number; run: number; amount: number }>(
      `select p.payment_id as id, (p.payment_id >> 24)::int as run, p.amount_ore as amount from payments p
       join parties y on y.municipality_code = p.municipality_code and y.party_id = p.payee
       where y.identifier = $1 order by p.payment_id < ${TAKEN_OVER} ${order}, p.payment_id ${order} limit 1`,
      [partyOf(play, alias).id],
    ),
  )
  if (found === undefined) throw new Error(`there is no payment to ${alias}`)
  return { ref: endToEndIdOf(code, found.id), fileId: fileIdOf(code, found.run), ...found }
}
