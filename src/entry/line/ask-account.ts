/**
 * Asks the payee of what came back for an account: a letter as page and PDF, in an envelope for Digital Post. It is
 * published only when it passes the accessibility gate; recorded before it lies there; and made again to the same bytes
 * when the program ended between. The wait for the answer is seen in the list of what came back. @da bedt om konto
 */
import { createHash } from 'node:crypto'
import { memoOf } from '../../adapters/digital-post/index.ts'
import { checkHtml, checkPdf, HTML_CHECKS, htmlOf, PDF_CHECKS, pdfOf } from '../../adapters/letters/index.ts'
import type { Tx } from '../../base/db.ts'
import { danishDay } from '../../base/danish-time.ts'
import type { Day } from '../../base/date.ts'
import type { Municipality, PaymentId } from '../../base/id.ts'
import { formatKroner, type Ore } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { markFilesDelivered, recordDeliveries } from '../../modules/deliveries/index.ts'
import { ledgerHead } from '../../modules/ledger/index.ts'
import {
  causeToPayee,
  digestOf,
  fillLetter,
  type Letter,
  LETTER_TEMPLATES,
  lettersOf,
  nextLetterNo,
  recordLetter,
  templateOn,
} from '../../modules/letters/index.ts'
import { readParties, stoppingEvents } from '../../modules/parties/index.ts'
import {
  askedAbout,
  endToEndIdOf,
  type PaymentAgain,
  readPaymentsAgain,
  recordAsked,
} from '../../modules/payments/index.ts'
import { municipalityName, type RateReader, ratesIn, returnCause } from '../../modules/rates/index.ts'
import { findWork } from '../../modules/overview/index.ts'
import { dateText } from '../text/index.ts'
import type { Line } from './line.ts'
import { publishAll, type StagedFile, staging } from './out-file.ts'
import { WHY_NOT } from './pay-again.ts'

const TEMPLATE = 'ask_for_account'
/** Days that a payee has to answer, when nobody says otherwise. Ours: no public rule was found. */
const DAYS_TO_ANSWER = 21

export interface AskingAccount {
  readonly municipality: Municipality
  readonly payment: PaymentId
  /** Undefined: three weeks from now. */
  readonly answerBy?: Day | undefined
  readonly at: string
  readonly by: string
}

export interface AskedAccount {
  readonly letterNo: number
  readonly answerBy: Day
  /** As they lie in the outgoing folder. */
  readonly files: readonly string[]
  /** It was written before, and the answer is waited for. */
  readonly again: boolean
}

/** The gate: the bytes themselves, in each format. What is wrong is told with its place. */
export function accessibleOf(letter: Letter): { readonly html: string; readonly pdf: Buffer; readonly checks: number } {
  const [html, pdf] = [htmlOf(letter), pdfOf(letter)]
  const faults = [
    ...checkHtml(html).map((one) => ({ ...one, file: 'page' })),
    ...checkPdf(pdf).map((one) => ({ ...one, file: 'PDF' })),
  ]
  if (faults.length > 0) {
    const told = faults.map(({ file, where, code, detail }) => `${file}, ${where}: ${detail} (${code})`).join(' ')
    throw new Refusal('letter_inaccessible', `The letter is not published: not everybody could read it. ${told}`)
  }
  return { html, pdf, checks: HTML_CHECKS + PDF_CHECKS }
}

export function askAccount(line: Line, asking: AskingAccount): Promise<AskedAccount> {
  return line.connection.layingOut(asking.municipality, () => layLetter(line, asking))
}

async function layLetter(line: Line, asking: AskingAccount): Promise<AskedAccount> {
  // What a letter is made of is kept in whole seconds.
  const at = `${new Date(Date.parse(asking.at)).toISOString().slice(0, 19)}Z`
  const act = { ...asking, at }
  const { municipality } = act
  const made = await line.connection.inTurn(municipality, async (tx) => {
    const done = await writeLetter(tx, line, act)
    await findWork(tx, [municipality], at)
    return done
  })
  await publishAll(line, made.staged)
  const names = made.staged.map(({ fileName }) => ({ fileName, at: made.at }))
  await line.connection.transaction([municipality], (tx) => markFilesDelivered(tx, municipality, names))
  const { letterNo, answerBy, again } = made
  return { letterNo, answerBy, again, files: names.map((one) => one.fileName) }
}

type Written = Omit<AskedAccount, 'files'> & { readonly staged: readonly StagedFile[]; readonly at: string }

async function writeLetter(tx: Tx, line: Line, act: AskingAccount): Promise<Written> {
  const { municipality, payment, at, by } = act
  const rates = await ratesIn(tx, line.rates, municipality)
  const found = await askable(tx, act)
  const today = danishDay(at)
  const asked = await askedAbout(tx, municipality, payment)
  const before = (await lettersOf(tx, municipality, payment)).at(-1)
  if (before !== undefined && asked !== undefined && asked.answerBy >= today) {
    const same = letterOf(rates, municipality, found, { ...asked, at: before.at })
    if (same.digest.equals(before.digest)) {
      const staged = await stage(tx, line, act, found, { ...same, letterNo: before.letterNo, at: before.at })
      return { letterNo: before.letterNo, answerBy: asked.answerBy, again: true, staged: staged.files, at: before.at }
    }
  }
  const answerBy = act.answerBy ?? ((today + DAYS_TO_ANSWER) as Day)
  if (answerBy <= today) throw new Refusal('day_passed', 'The last day to answer has passed; name a day to come.')
  const letterNo = await nextLetterNo(tx, municipality)
  const made = letterOf(rates, municipality, found, { answerBy, at })
  const { files, checks } = await stage(tx, line, act, found, { ...made, letterNo, at })
  const [html, pdf, memo] = files.map((file) => file.sha256) as [Buffer, Buffer, Buffer]
  const { digest, version } = made
  await recordLetter(tx, municipality, {
    letterNo,
    payment,
    template: TEMPLATE,
    version,
    digest,
    html,
    pdf,
    memo,
    checks,
    at,
    by,
  })
  await recordAsked(tx, municipality, payment, { askedOn: today, answerBy, at, by })
  const head = Buffer.from(await ledgerHead(tx, municipality), 'hex')
  const deliveries = files.map((file) => {
    return {
      ...file,
      kind: 'letter' as const,
      cause: file.fileName,
      totals: { letter: letterNo },
      ledgerHead: head,
      knownAt: at,
    }
  })
  await recordDeliveries(tx, municipality, deliveries)
  const subject = endToEndIdOf(municipality, payment)
  await recordAudit(tx, { municipality, at, actor: by, command: 'payment.ask', subject, detail: { letter: letterNo } })
  return { letterNo, answerBy, again: false, staged: files, at }
}

/** Refuses what is not open, what no account would help, and whoever may be paid nothing. */
async function askable(tx: Tx, { municipality, payment }: AskingAccount): Promise<PaymentAgain> {
  const name = endToEndIdOf(municipality, payment)
  const [found] = await readPaymentsAgain(tx, municipality, [payment])
  if (found === undefined) throw new Refusal('unknown_payment', `There is no payment ${name} here.`)
  if (found.why !== undefined) throw new Refusal(found.why, `Nobody is asked about ${name}: ${WHY_NOT[found.why]}.`)
  const { answer, code, since } = found.returned as NonNullable<PaymentAgain['returned']>
  if (returnCause(answer, code, danishDay(since)).step !== 'ask_account') {
    throw new Refusal('account_not_missing', `${name} did not come back for want of an account; see «toek returned».`)
  }
  const payees = new Set(found.parts.map((part) => part.payee))
  const stopped = (await stoppingEvents(tx, municipality)).some((event) => payees.has(event.party))
  if (stopped) throw new Refusal('payee_stopped', `Nobody is asked about ${name}: ${WHY_NOT.payee_stopped}.`)
  return found
}

interface Made {
  readonly letter: Letter
  readonly digest: Buffer
  readonly version: Day
}

function letterOf(
  rates: RateReader,
  municipality: Municipality,
  found: PaymentAgain,
  { answerBy, at }: { readonly answerBy: Day; readonly at: string },
): Made {
  const template = templateOn(LETTER_TEMPLATES, TEMPLATE, danishDay(at))
  const { answer, code } = found.returned as NonNullable<PaymentAgain['returned']>
  const benefits = [...new Set(found.parts.map((part) => part.benefit))].map(
    (id) => rates.book.benefits.find((one) => one.benefit === id)?.nameDa ?? '',
  )
  const data = {
    cause: causeToPayee(answer, code),
    answer_by: dateText(answerBy),
    amount: formatKroner(found.parts.reduce((sum, part) => sum + part.amount, 0) as Ore),
    benefit: benefits.join(', '),
    disposition_date: dateText(found.dispositionDate),
    payment: endToEndIdOf(municipality, found.payment),
    municipality: rates.municipality(municipality).name,
  }
  const letter = fillLetter(template, data, at)
  return { letter, digest: digestOf(template, data, at), version: template.valid.from }
}

/** Page, PDF and envelope under their temporary names. */
async function stage(
  tx: Tx,
  line: Line,
  { municipality }: AskingAccount,
  found: PaymentAgain,
  { letter, digest, letterNo, at }: Made & { readonly letterNo: number; readonly at: string },
): Promise<{ readonly files: readonly StagedFile[]; readonly checks: number }> {
  const { html, pdf, checks } = accessibleOf(letter)
  const payee = found.parts[0]?.payee ?? 0
  const recipient = (await readParties(tx, municipality, new Set([payee]))).get(payee)
  if (recipient === undefined) throw new Refusal('unknown_party', 'The payee is not known here.')
  const { type, id } = recipient
  if (type !== 'cpr' && type !== 'cvr') {
    throw new Refusal('no_digital_post', `${id} has no Digital Post of its own: write to its company yourself.`)
  }
  const sender = line.rates.municipality(municipality)
  const base = `${endToEndIdOf(municipality, found.payment)}-${letterNo}`
  const memo = memoOf({
    seed: createHash('sha256').update(`${base} `).update(digest).digest(),
    label: letter.title,
    language: letter.language,
    sender: { cvr: sender.cvr, name: municipalityName(sender) },
    recipient: { type, id },
    createdAt: at,
    files: [
      { format: 'text/html', name: `${base}.html`, bytes: Buffer.from(html) },
      { format: 'application/pdf', name: `${base}.pdf`, bytes: pdf },
    ],
  })
  const files = await staging(line, async (open) => {
    const write = async (fileName: string, text: string, encoding: 'utf8' | 'latin1') => {
      const stager = await open('letter', fileName, encoding)
      await stager.write(text)
      return await stager.finish()
    }
    return [
      await write(`${base}.html`, html, 'utf8'),
      await write(`${base}.pdf`, pdf.toString('latin1'), 'latin1'),
      await write(`${base}.memo.xml`, memo, 'utf8'),
    ]
  })
  return { files, checks }
}
