/** "Så", of events: what a source system is told of the orders that a table names. */
import { formatKroner } from '../../src/base/money.ts'
import { publishEvents, readEvents } from '../../src/modules/events/index.ts'
import { SOURCE_SYSTEM_ID, type SourceSystem } from '../../src/modules/orders/index.ts'
import { codes } from './names.ts'
import type { Play } from './play-scenario.ts'
import type { Row, Table } from './read-scenario.ts'

/** The kinds of event that each named order's system is told, in order. */
export async function events(play: Play, table: Table): Promise<Row[]> {
  const { loader, reader } = play.line
  const all = [...play.line.rates.known.municipalities]
  await loader.transaction(all, (tx) => publishEvents(tx, codes(play)))
  const rows: Row[] = []
  for (const { ordre } of table.rows) {
    const system = (ordre as string).split('-')[0] as SourceSystem
    const told = await reader.transaction(codes(play), (tx) => readEvents(tx, SOURCE_SYSTEM_ID[system], 0, 10_000))
    const kinds = told.filter((event) => event.order_key === ordre).map((event) => event.kind)
    const overpaid = told.filter((event) => event.order_key === ordre && event.kind === 'overpaid')
    rows.push({
      ordre: ordre as string,
      hændelser: kinds.join(', '),
      'for meget udbetalt': overpaid.map((event) => `${event.code} ${formatKroner(event.amount_ore ?? 0)}`).join(', '),
    })
  }
  return rows
}

/** Events of the named orders and kinds, with what they say beside the amount. */
export async function told(play: Play, table: Table): Promise<Row[]> {
  const { loader, reader } = play.line
  await loader.transaction([...play.line.rates.known.municipalities], (tx) => publishEvents(tx, codes(play)))
  const rows: Row[] = []
  const asked = new Set(table.rows.map((row) => `${row['ordre']} ${row['hændelse']}`))
  for (const source of [1, 2, 3]) {
    const all = await reader.transaction(codes(play), (tx) => readEvents(tx, source, 0, 10_000))
    for (const one of all) {
      if (!asked.has(`${one.order_key} ${one.kind}`)) continue
      rows.push({
        ordre: one.order_key ?? '',
        version: String(one.version),
        hændelse: one.kind,
        linje: one.line_key ?? '',
        beløb: formatKroner(one.amount_ore ?? 0),
        reference: one.reference ?? '',
        aftale: one.payee_arrangement === undefined ? '' : String(one.payee_arrangement),
        kode: one.code ?? '',
        hjemmel: one.legal_basis ?? '',
        partshørt: one.hearing_date ?? '',
        meddelt: one.notice_date ?? '',
      })
    }
  }
  return rows
}
