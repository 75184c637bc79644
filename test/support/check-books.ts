/** "Så", of books: on which days an account was posted, and what set-offs, corrections and changes say in words. */
import assert from 'node:assert/strict'
import { formatKroner } from '../../src/base/money.ts'
import { explainText } from '../../src/entry/web/explain-text.ts'
import { markupOf } from '../../src/entry/web/html.ts'
import { explainPage } from '../../src/entry/web/pages/explain.ts'
import { specificationJson } from '../../src/entry/web/specification-json.ts'
import { changeText, correctionText, referenceText, repaymentText, setOffText } from '../../src/entry/text/index.ts'
import { readSpecification, type Specification } from '../../src/modules/overview/index.ts'
import { codes, inAliases } from './names.ts'
import type { Play } from './play-scenario.ts'
import type { Row, Table } from './read-scenario.ts'

/** Of each account, posting date and value date what was debited less what was credited. */
export async function booked(play: Play): Promise<Row[]> {
  const rows = await play.line.reader.transaction(codes(play), (tx) =>
    tx.often.rows<{ account: string; posted: string; valued: string; ore: number }>(
      `select account, posting_date::text as posted, value_date::text as valued,
         sum(debit_ore - credit_ore)::bigint as ore
       from ledger_lines_v1 where municipality = any ($1) group by 1, 2, 3 having sum(debit_ore - credit_ore) <> 0`,
      [codes(play)],
    ),
  )
  return rows.map((row) => ({
    konto: row.account,
    bogført: row.posted,
    værdidato: row.valued,
    beløb: formatKroner(row.ore),
  }))
}

/** What the specification of each named order and version says of its set-offs. */
export function setOffs(play: Play, table: Table): Promise<Row[]> {
  return said(play, table, (spec) => spec.items.flatMap((item) => item.setOffs.map(setOffText)))
}

/** What it says that was corrected. */
export function corrections(play: Play, table: Table): Promise<Row[]> {
  return said(play, table, (spec) => spec.corrections.map(correctionText))
}

/** What it says of which order takes the place of which: text, page and JSON say it too. */
export function references(play: Play, table: Table): Promise<Row[]> {
  return said(play, table, (spec) => {
    const sentences = spec.references.map(referenceText)
    const text = explainText(spec).replaceAll(/\s+/g, ' ')
    const page = markupOf(explainPage('', spec).body)
    for (const one of sentences) assert.ok(text.includes(one) && page.includes(one), one)
    const json = specificationJson(spec).references.map((one) => [one.order_key, one.instead_of])
    assert.deepEqual(
      json,
      spec.references.map((one) => [one.orderKey, one.insteadOf]),
    )
    return sentences
  })
}

/** What it says of decided repayments: text, page and JSON say it too. */
export function repayments(play: Play, table: Table): Promise<Row[]> {
  return said(play, table, (spec) => {
    const sentences = spec.repayments.map(repaymentText)
    const text = explainText(spec).replaceAll(/\s+/g, ' ')
    const page = markupOf(explainPage('', spec).body)
    for (const one of sentences) assert.ok(text.includes(one) && page.includes(one), one)
    assert.deepEqual(
      specificationJson(spec).repayments.map((one) => one.text),
      sentences,
    )
    return sentences
  })
}

/** What it says of before, now and why. */
export function changes(play: Play, table: Table): Promise<Row[]> {
  return said(play, table, (spec) => spec.changes.map((one) => inAliases(play, changeText(one, true))))
}

async function said(play: Play, table: Table, textsOf: (spec: Specification) => string[]): Promise<Row[]> {
  const rows: Row[] = []
  for (const asked of new Set(table.rows.map((row) => `${row['ordre']}|${row['version'] || '1'}`))) {
    const [orderKey = '', version = ''] = asked.split('|')
    const wanted = { orderKey, version: Number(version) }
    for (const code of codes(play)) {
      const spec = await play.line.reader.transaction([code], (tx) =>
        readSpecification(tx, code, wanted, play.line.rates),
      )
      for (const tekst of spec === undefined ? [] : textsOf(spec)) rows.push({ ordre: orderKey, version, tekst })
    }
  }
  return rows
}
