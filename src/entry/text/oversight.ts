/** A month's oversight in plain Danish, to be printed and filed; and for machines. */
import { danishText } from '../../base/danish-time.ts'
import { formatMonth, parseDay } from '../../base/date.ts'
import { municipalityText } from '../../base/id.ts'
import { formatKroner } from '../../base/money.ts'
import type { Oversight, SampledPayment } from '../../modules/overview/index.ts'
import { counted, countText, dateText } from './lines.ts'

function found(one: SampledPayment): string {
  if (one.verdict === undefined) return 'ikke set endnu'
  return one.verdict === 'ok' ? `i orden (${one.markedBy})` : `bemærkning (${one.markedBy}): ${one.remark}`
}

export function oversightText(made: Oversight): string {
  const { municipality, month, payments, amount, sample, signedBy, signedAt } = made
  const remarks = sample.filter((one) => one.verdict === 'remark').length
  const rows = sample.map((one) => {
    const date = dateText(parseDay(one.dispositionDate) ?? month.from)
    return `  ${one.endToEndId.padEnd(18)}${formatKroner(one.amount).padStart(14)}  ${date}: ${found(one)}\n`
  })
  const signed =
    signedBy === undefined || signedAt === undefined
      ? 'Ikke underskrevet.'
      : `Underskrevet af ${signedBy} ${danishText(signedAt)}, med ${remarks} ${remarks === 1 ? 'bemærkning' : 'bemærkninger'}.`
  return (
    `Ledelsestilsyn, ${municipalityText(municipality)}, ${formatMonth(month.from)}\n\n` +
    `Udtrukket af ${made.drawnBy} ${danishText(made.drawnAt)}: ${countText(sample.length)} af ${counted(payments, 'betaling', 'betalinger')} på i alt ${formatKroner(amount)} kr.\n` +
    `Ingen har valgt dem: de følger af kommune, måned og bogføringens kæde (${made.ledgerHead.slice(0, 16)}…).\n` +
    `Hver betaling forklares med «toek explain BETALING».\n\n${rows.join('')}\n${signed}\n`
  )
}

export function oversightJson(made: Oversight) {
  return {
    municipality: municipalityText(made.municipality),
    month: formatMonth(made.month.from),
    seed: made.seed,
    ledger_head: made.ledgerHead,
    payments: made.payments,
    amount_ore: made.amount,
    drawn_by: made.drawnBy,
    drawn_at: made.drawnAt,
    sample: made.sample.map((one) => ({
      end_to_end_id: one.endToEndId,
      amount_ore: one.amount,
      disposition_date: one.dispositionDate,
      verdict: one.verdict ?? null,
      remark: one.remark,
      marked_by: one.markedBy ?? null,
    })),
    signed_by: made.signedBy ?? null,
    signed_at: made.signedAt ?? null,
  }
}
