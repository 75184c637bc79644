/** What the balance of a clearing account is made of: its open items, a page at a time. */
import { type Municipality, municipalityText } from '../../../base/id.ts'
import { formatKroner } from '../../../base/money.ts'
import type { Account } from '../../../modules/rates/index.ts'
import type { OpenItem, OpenItems } from '../../../modules/reconciliation/index.ts'
import * as text from '../../text/index.ts'
import { alert } from '../components/alert.ts'
import { link, section } from '../components/section.ts'
import { list, type Row, table } from '../components/table.ts'
import { html, type Html } from '../html.ts'
import type { Page } from '../layout.ts'
import { paths } from '../paths.ts'

export interface AccountView {
  readonly icons: string
  readonly municipality: { readonly municipality: Municipality; readonly name: string }
  readonly account: Account
  readonly open: OpenItems
  /** Those before the page, and as many as a page has. */
  readonly skip: number
  readonly limit: number
}

const T = text.ACCOUNT_PAGE
const C = text.COLUMN

export function accountPage(view: AccountView): Page {
  const { account, open } = view
  const difference = open.balance - open.explained
  const verdict =
    difference === 0
      ? alert(view.icons, 'success', T.equal)
      : alert(view.icons, 'error', `${T.unequal}: ${text.kroner(difference)}`)
  return {
    title: T.title(account.number),
    lead: account.nameDa,
    body: html`${verdict}
${section('kort', T.summary, summary(view))}
${section('poster', C.openItems, items(view))}`,
  }
}

function summary({ municipality: { municipality, name }, account, open }: AccountView): Html {
  const purpose = account.purpose ?? account.key
  return list([
    [T.municipality, `${name} (${municipalityText(municipality)})`],
    [C.purpose, text.PURPOSE[purpose] ?? purpose],
    [C.system, account.sourceSystem ?? '–'],
    [T.balance, html`<strong>${formatKroner(open.balance)}</strong>`],
    [T.items, text.countText(open.items)],
    [T.explained, formatKroner(open.explained)],
    [T.difference, formatKroner(open.balance - open.explained)],
  ])
}

function items(view: AccountView): Html {
  const { account, open, skip } = view
  if (open.items === 0) return html`<p>${text.MONTH_PAGE.none}</p>`
  const purpose = account.purpose ?? account.key
  const columns = [
    { title: T.what },
    { title: text.OPEN_ITEM_DAY[purpose] ?? C.date },
    { title: C.amount, number: true },
  ]
  const rows = open.listed.map(
    (one): Row => ({ cells: [what(view, one), text.dateText(one.since), formatKroner(one.amount)] }),
  )
  rows.push({ cells: [T.total(text.countText(open.items)), '', formatKroner(open.explained)], total: true })
  const last = skip + open.listed.length
  return html`<p>${T.shown(text.countText(skip + 1), text.countText(last), text.countText(open.items))}</p>
${table(T.caption, columns, rows)}
${turns(view, last)}`
}

/** Each name that it is known by, with a link to where there is a page. */
function what({ municipality: { municipality }, account }: AccountView, one: OpenItem): Html {
  const { endToEndId: id, order, named } = one
  const name = text.OPEN_ITEM_NAME[account.purpose ?? account.key]
  const names = [
    id !== undefined && link(paths.payment(id), T.payment(id)),
    order !== undefined &&
      link(
        paths.order(municipality, order.sourceSystem, order.orderKey, order.version),
        T.order(order.orderKey, order.sourceSystem),
      ),
    named !== '' && named !== order?.orderKey && html`${name !== undefined && `${name} `}${named}`,
  ].filter((each) => each !== false)
  return html`${names.map((each, i) => html`${i > 0 && ', '}${each}`)}`
}

/** To the pages before and behind. */
function turns(
  { municipality: { municipality }, account, open, skip, limit }: AccountView,
  last: number,
): Html | false {
  const to = (at: number, words: string): Html =>
    html`<p>${link(paths.account(municipality, account.number, at), words)}</p>`
  return html`${skip > 0 && to(Math.max(0, skip - limit), T.before)}
${last < open.items && to(last, T.more)}`
}
