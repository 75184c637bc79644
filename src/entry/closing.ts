/** How a month stands: the closing table that the run prints, the API answers and the front page shows. */
import { join } from 'node:path'
import type { Db } from '../base/db.ts'
import type { Period } from '../base/date.ts'
import { formatMonth } from '../base/date.ts'
import type { Municipality } from '../base/id.ts'
import { readDeliveries } from '../modules/deliveries/index.ts'
import { headOf, ledgerHead } from '../modules/ledger/index.ts'
import {
  type ClearingAccount,
  type Compared,
  type Finding,
  type Reconciliation,
  reconcileMunicipalities,
  type Totals,
} from '../modules/reconciliation/index.ts'
import type { RateReader } from '../modules/rates/index.ts'

export interface Closing extends Totals {
  readonly month: string
  readonly clearing_accounts: readonly ClearingAccount[]
  readonly unexplained_ore: number
  readonly findings: readonly Finding[]
  readonly compared: readonly (Compared & { readonly agrees: boolean })[]
  readonly not_compared: readonly string[]
  readonly ledger_head: string
  readonly files: readonly { readonly name: string; readonly sha256: string }[]
}

const ZERO: Totals = {
  orders: 0,
  orders_refused: 0,
  orders_held: 0,
  gross_ore: 0,
  own_atp_ore: 0,
  am_ore: 0,
  tax_ore: 0,
  set_off_ore: 0,
  third_party_ore: 0,
  net_ore: 0,
  employer_atp_ore: 0,
  pension_ore: 0,
  payments_sent: 0,
  payments_accepted: 0,
  payments_returned: 0,
  bank_ore: 0,
}

/** Reads it all; the connection must be in the scope of the municipalities. */
export async function readClosing(
  db: Db,
  municipalities: readonly Municipality[],
  month: Period,
  rates: RateReader,
): Promise<Closing> {
  const reconciliations = await reconcileMunicipalities(db, municipalities, month, rates.book.accounts)
  return await closingOf(db, municipalities, month, reconciliations)
}

export async function closingOf(
  db: Db,
  municipalities: readonly Municipality[],
  month: Period,
  reconciliations: readonly Reconciliation[],
): Promise<Closing> {
  const totals: Totals = { ...ZERO }
  for (const one of reconciliations) {
    for (const key of Object.keys(ZERO) as (keyof Totals)[]) totals[key] += one.totals[key]
  }
  const clearing = reconciliations.flatMap((one) => one.clearing)
  const heads = new Map<Municipality, string>()
  const files: { name: string; sha256: string }[] = []
  for (const municipality of [...municipalities].sort((a, b) => a - b)) {
    heads.set(municipality, await ledgerHead(db, municipality))
    for (const file of await readDeliveries(db, municipality)) {
      files.push({ name: join(file.kind, file.fileName), sha256: file.sha256 })
    }
  }
  return {
    month: formatMonth(month.from),
    ...totals,
    clearing_accounts: clearing,
    unexplained_ore: clearing.reduce((sum, row) => sum + Math.abs(row.balance_ore - row.explained_ore), 0),
    findings: reconciliations.flatMap((one) => one.findings),
    compared: summed(reconciliations.flatMap((one) => one.compared)),
    not_compared: ['A-skat hos Skattestyrelsen', 'ERP-systemets egne saldi', 'Ydelsesrefusions egen beregning'],
    ledger_head: headOf(heads),
    files,
  }
}

function summed(compared: readonly Compared[]): (Compared & { agrees: boolean })[] {
  const sums = new Map<string, { what: string; with: string; ours: number; theirs: number; agrees: boolean }>()
  for (const one of compared) {
    const key = `${one.what}:${one.with}`
    const sum = sums.get(key) ?? { what: one.what, with: one.with, ours: 0, theirs: 0, agrees: true }
    sum.ours += one.ours
    sum.theirs += one.theirs
    sum.agrees &&= one.ours === one.theirs
    sums.set(key, sum)
  }
  return [...sums.values()]
}
