/**
 * What the front page needs of a month's closing. Made in the reconciliation module; this is the type that it
 * must fill.
 */
import type { Municipality } from '../../base/id.ts'

export interface ClosingAccount {
  readonly municipality: Municipality
  readonly source_system: string | null
  readonly purpose: string
  readonly account: string
  readonly balance_ore: number
  readonly explained_ore: number
  readonly open_items: number
}

/** Amounts in øre, the others are counts. */
export interface ClosingTable {
  readonly orders: number
  readonly orders_refused: number
  readonly orders_held: number
  readonly gross_ore: number
  readonly own_atp_ore: number
  readonly am_ore: number
  readonly tax_ore: number
  readonly set_off_ore: number
  readonly third_party_ore: number
  readonly net_ore: number
  readonly employer_atp_ore: number
  readonly pension_ore: number
  readonly payments_sent: number
  readonly payments_accepted: number
  readonly payments_returned: number
  readonly bank_ore: number
  readonly unexplained_ore: number
  readonly clearing_accounts: readonly ClosingAccount[]
  readonly findings: readonly { readonly what: string; readonly ref: string; readonly detail?: string }[]
  readonly compared: readonly { readonly what: string; readonly with: string; readonly agrees: boolean }[]
}
