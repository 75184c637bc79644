/** Månedsoversigt: is everything explained, and what waits for a person. */
import { danishDay, danishText } from '../../../base/danish-time.ts'
import { type Day, formatMonth } from '../../../base/date.ts'
import { type Municipality, municipalityText } from '../../../base/id.ts'
import { formatKroner, type Ore } from '../../../base/money.ts'
import type { SourceSystem } from '../../../modules/orders/index.ts'
import type { HeldOrder, MonthOverview, MonthRun, ReturnedPayment } from '../../../modules/overview/index.ts'
import { endToEndIdOf, fileIdOf } from '../../../modules/payments/index.ts'
import type { Closing } from '../../closing.ts'
import { alert, type Tone } from '../components/alert.ts'
import { link, section } from '../components/section.ts'
import { type Row, table } from '../components/table.ts'
import { html, type Html } from '../html.ts'
import type { Page } from '../layout.ts'
import { paths, ROUTES } from '../paths.ts'
import * as text from '../../text/index.ts'

export interface Choice {
  readonly municipality: Municipality
  readonly name: string
}

export interface MonthView {
  readonly icons: string
  readonly choices: readonly Choice[]
  readonly months: readonly Day[]
  readonly municipality: Choice
  readonly month: Day
  readonly closing: Closing | undefined
  /** The last approved day. */
  readonly approvedUntil: Day | undefined
  readonly overview: MonthOverview
}

/** Findings listed in the message at the top. */
const FINDINGS = 20
/** Claims listed at the end of the year. */
const YEAR_END_CLAIMS = 100
const T = text.MONTH_PAGE
const C = text.COLUMN

export function monthPage(view: MonthView): Page {
  const { closing, approvedUntil, overview } = view
  return {
    title: `${text.PAGE.overview} ${text.monthText(view.month)}`,
    lead: `${view.municipality.name} (${municipalityText(view.municipality.municipality)})`,
    current: 'month',
    body: html`${chooser(view)}
${closing !== undefined && numbers(view.icons, closing)}
${approvedUntil !== undefined && html`<p>${T.approvedUntil(text.dateText(approvedUntil))}</p>`}
${part('koersler', T.runs, overview.runs.length > 0 && runs(view, overview.runs))}
${overview.findingsTotal > 0 && part('kontrolfund', T.findingsOfRuns, findings(view, overview))}
${part('opgaver', T.work, overview.workTotal > 0 && work(overview))}
${overview.newPayees.total > 0 && part('nye-modtagere', T.newPayees, newPayees(overview))}
${part('tilbageholdt', T.held, overview.heldTotal > 0 && held(view, overview))}
${part('returneret', T.returned, overview.returnedTotal > 0 && returned(overview))}
${part('for-meget-udbetalt', T.overpaid, overview.overpaidTotal > 0 && overpaid(view, overview))}
${overview.smallTotal > 0 && part('smaabeloeb', T.small, small(view, overview))}
${overview.yearEnd.length > 0 && part('aarsskifte', T.yearEnd, yearEnd(overview))}`,
  }
}

export function emptyPage(icons: string): Page {
  return { title: text.PAGE.overview, current: 'month', body: alert(icons, 'info', T.empty, T.emptyHint) }
}

function part(id: string, heading: string, body: Html | false): Html {
  return section(id, heading, body === false ? html`<p>${T.none}</p>` : body)
}

function option(value: string, words: string, chosen: boolean): Html {
  return html`<option value="${value}"${chosen && html` selected`}>${words}</option>`
}

function chooser(view: MonthView): Html {
  const code = view.municipality.municipality
  return html`<form class="toek-choose" action="${ROUTES.month}" method="get" aria-label="${T.choose}">
<div class="form-group"><label class="form-label" for="kommune">${T.municipality}</label>
<select class="form-select" id="kommune" name="kommune">${view.choices.map((one) =>
    option(municipalityText(one.municipality), one.name, one.municipality === code),
  )}</select></div>
<div class="form-group"><label class="form-label" for="maaned">${T.month}</label>
<select class="form-select" id="maaned" name="maaned">${view.months.map((one) =>
    option(formatMonth(one), text.monthText(one), one === view.month),
  )}</select></div>
<button class="button button-primary" type="submit">${T.show}</button>
</form>`
}

function numbers(icons: string, closing: Closing): Html {
  return html`${verdict(icons, closing)}
${closingTable(closing)}
${clearing(closing)}
${compared(closing)}`
}

function verdict(icons: string, closing: Closing): Html {
  const clean = closing.unexplained_ore === 0 && closing.findings.length === 0
  const tone: Tone = clean ? 'success' : 'error'
  const heading = clean
    ? T.explained
    : closing.unexplained_ore === 0
      ? T.findings
      : `${T.unexplained}: ${text.kroner(closing.unexplained_ore)}`
  const findings =
    closing.findings.length > 0 &&
    html`<ul>${closing.findings.slice(0, FINDINGS).map((one) => html`<li>${text.closingFindingText(one)}</li>`)}</ul>
${limit(Math.min(FINDINGS, closing.findings.length), closing.findings.length)}`
  return alert(icons, tone, heading, findings === false ? undefined : findings)
}

function closingTable(closing: Closing): Html {
  const sub = /^(heraf|ATP, eget|AM-|A-skat|Modregnet|Til tredjepart)/
  const rows = text.CLOSING_ROWS.map(([key, name, kind]): Row => {
    const value = kind === 'ore' ? formatKroner(closing[key]) : text.countText(closing[key])
    return { cells: [name, value], sub: sub.test(name), total: key === 'net_ore' || key === 'unexplained_ore' }
  })
  return section('tal', T.table, table(T.tableCaption, [{ title: T.what }, { title: T.value, number: true }], rows))
}

function clearing(closing: Closing): Html {
  const columns = [
    { title: C.purpose },
    { title: C.system },
    { title: C.account },
    { title: C.balance, number: true },
    { title: C.explained, number: true },
    { title: C.difference, number: true },
    { title: C.openItems, number: true },
  ]
  const rows = closing.clearing_accounts.map((one): Row => {
    const difference = one.balance_ore - one.explained_ore
    return {
      total: difference !== 0,
      cells: [
        text.PURPOSE[one.purpose] ?? one.purpose,
        one.source_system ?? '–',
        one.account,
        formatKroner(one.balance_ore),
        formatKroner(one.explained_ore),
        formatKroner(difference),
        link(paths.account(one.municipality, one.account), text.countText(one.open_items)),
      ],
    }
  })
  return part('konti', T.clearing, rows.length > 0 && table(T.clearingCaption, columns, rows))
}

function compared(closing: Closing): Html {
  const columns = [{ title: T.what }, { title: C.withWhom }, { title: C.agrees }]
  const rows = closing.compared.map(
    (one): Row => ({ cells: [one.what, text.RECEIVER[one.with] ?? one.with, one.agrees ? C.yes : C.no] }),
  )
  return part('sammenlignet', T.compared, rows.length > 0 && table(T.comparedCaption, columns, rows))
}

function runs(view: MonthView, list: readonly MonthRun[]): Html {
  const columns = [
    { title: C.run },
    { title: C.date },
    { title: C.payments, number: true },
    { title: C.amount, number: true },
    { title: C.runState },
    { title: C.steps },
  ]
  const rows = list.map((run): Row => {
    const steps = html`<ol class="toek-steps">${run.steps.map(
      (step) => html`<li>${text.RUN_STEP[step.step] ?? step.step} ${danishText(step.at)}, ${step.by}</li>`,
    )}</ol>`
    return {
      cells: [
        fileIdOf(view.municipality.municipality, run.runNo),
        text.dateText(run.dispositionDate),
        text.countText(run.payments),
        formatKroner(run.amount),
        text.RUN_STATE[run.state],
        steps,
      ],
    }
  })
  return table(T.runsCaption, columns, rows)
}

function work(overview: MonthOverview): Html {
  const columns = [
    { title: C.task },
    { title: C.since },
    { title: C.owner },
    { title: C.amount, number: true },
    { title: C.todo },
  ]
  const rows = overview.work.map((item): Row => {
    const what = `${text.WORK_KIND[item.kind]}: ${text.workText(item)}`
    const owner = item.takenBy === null ? item.owner : `${item.owner}, ${item.takenBy}`
    const amount = item.amount === null ? '' : formatKroner(item.amount as Ore)
    return { cells: [what, text.dateText(danishDay(item.since)), owner, amount, text.workToDo(item)] }
  })
  return html`${limit(overview.work.length, overview.workTotal)}${table(T.workCaption, columns, rows)}`
}

function held(view: MonthView, overview: MonthOverview): Html {
  const columns = [{ title: C.order }, { title: C.date }, { title: C.reason }]
  const { municipality } = view.municipality
  const order = (one: HeldOrder): Html =>
    link(paths.order(municipality, one.sourceSystem, one.orderKey, one.version), one.orderKey)
  const rows = overview.held.map(
    (one): Row => ({
      cells: [order(one), text.dateText(one.dispositionDate), text.holdText(one)],
    }),
  )
  return html`${limit(overview.held.length, overview.heldTotal)}${table(T.heldCaption, columns, rows)}`
}

/** What was found of the runs that wait, and who must approve them. */
function findings(view: MonthView, overview: MonthOverview): Html {
  const { municipality } = view.municipality
  const columns = [
    { title: C.run },
    { title: C.payment },
    { title: C.amount, number: true },
    { title: C.reason },
    { title: C.stops },
  ]
  const rows = overview.findings.map((one): Row => {
    const id = one.payment === 0 ? undefined : endToEndIdOf(municipality, one.payment)
    const lifted = one.lifted === null ? '' : ` ${text.liftedText(one.lifted)}`
    return {
      cells: [
        fileIdOf(municipality, one.runNo),
        id === undefined ? '' : link(paths.payment(id), id),
        formatKroner(one.amount),
        `${text.GATE_CHECK_TEXT[one.check]}: ${text.findingText(one)}${lifted}`,
        text.GATE_EFFECT_TEXT[one.effect],
      ],
    }
  })
  const policies = overview.policies.map((one) => html`<li>${text.policyOfRunText(one)}</li>`)
  return html`${limit(overview.findings.length, overview.findingsTotal)}
${policies.length > 0 && html`<ul>${policies}</ul>`}${table(T.findingsOfRunsCaption, columns, rows)}`
}

/** Whom the runs that wait pay for the first time: to be looked at before they are approved. */
function newPayees({ newPayees: found }: MonthOverview): Html {
  const columns = [{ title: C.payment }, { title: C.amount, number: true }, { title: C.reason }]
  const rows = found.listed.map(
    (one): Row => ({
      cells: [link(paths.payment(one.endToEndId), one.endToEndId), formatKroner(one.amount), text.newPayeeText(one)],
    }),
  )
  return html`${limit(found.listed.length, found.total)}${table(T.newPayeesCaption, columns, rows)}`
}

/** What waits for a decision: whose it is, since when, and what it is of. */
function overpaid(view: MonthView, overview: MonthOverview): Html {
  const columns = [
    { title: C.order },
    { title: C.benefit },
    { title: C.period },
    { title: C.since },
    { title: C.reason },
    { title: C.amount, number: true },
  ]
  const { municipality } = view.municipality
  const rows = overview.overpaid.map((lot): Row => {
    const url = paths.order(municipality, lot.source as SourceSystem, lot.orderKey, lot.version)
    const period = text.periodText({ from: lot.from, to: lot.to })
    const since = text.dateText(danishDay(lot.since))
    const cause = text.OVERPAID_CAUSE[lot.cause]
    return { cells: [link(url, lot.orderKey), lot.benefitName, period, since, cause, formatKroner(lot.gross)] }
  })
  rows.push({ cells: [T.overpaidTotal, '', '', '', '', formatKroner(overview.overpaidOre)], total: true })
  return html`${limit(overview.overpaid.length, overview.overpaidTotal)}${table(T.overpaidCaption, columns, rows)}`
}

/** Below the municipality's limit: what waits for the next payment, and what was let go. */
function small(view: MonthView, overview: MonthOverview): Html {
  const columns = [
    { title: C.order },
    { title: C.benefit },
    { title: C.since },
    { title: T.smallTreatment },
    { title: C.amount, number: true },
  ]
  const { municipality } = view.municipality
  const rows = overview.small.map((one): Row => {
    const url = paths.order(municipality, one.source, one.orderKey, one.version)
    const since = text.dateText(danishDay(one.since))
    const cells = [
      link(url, one.orderKey),
      one.benefitName,
      since,
      T.treatments[one.treatment],
      formatKroner(one.amount),
    ]
    return { cells }
  })
  return html`${limit(overview.small.length, overview.smallTotal)}${table(T.smallCaption, columns, rows)}`
}

/** A warning: what is not paid before the year ends is owed before tax. */
function yearEnd(overview: MonthOverview): Html {
  const columns = [
    { title: T.claim },
    { title: C.system },
    { title: T.leftNow, number: true },
    { title: T.beforeTax, number: true },
    { title: C.date },
  ]
  const rows = overview.yearEnd.slice(0, YEAR_END_CLAIMS).map((one): Row => {
    const cells = [one.claimKey, one.source, formatKroner(one.left), formatKroner(one.gross), text.dateText(one.on)]
    return { cells }
  })
  return html`${limit(rows.length, overview.yearEnd.length)}${table(T.yearEndCaption, columns, rows)}`
}

function returned(overview: MonthOverview): Html {
  const columns = [{ title: C.payment }, { title: C.date }, { title: C.amount, number: true }, { title: C.reason }]
  const payment = (one: ReturnedPayment): Html => link(paths.payment(one.endToEndId), one.endToEndId)
  const rows = overview.returned.map(
    (one): Row => ({
      cells: [payment(one), text.dateText(one.dispositionDate), formatKroner(one.amount), text.returnedText(one)],
    }),
  )
  return html`${limit(overview.returned.length, overview.returnedTotal)}${table(T.returnedCaption, columns, rows)}`
}

function limit(shown: number, total: number): Html | false {
  return shown < total && html`<p>${T.of(shown, total)}</p>`
}
