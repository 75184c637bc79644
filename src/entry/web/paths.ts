/** Every URL of the pages, in one place. */
import { formatMonth, type Day } from '../../base/date.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import type { SourceSystem } from '../../modules/orders/index.ts'

export const ROUTES = {
  month: '/',
  search: '/soeg',
  payment: '/betalinger/:id',
  order: '/kommuner/:municipality/ordrer/:system/:key',
  account: '/kommuner/:municipality/konti/:account',
  asset: '/assets/*',
} as const

export const paths = {
  month: (municipality?: Municipality, month?: Day): string =>
    municipality === undefined || month === undefined
      ? ROUTES.month
      : `${ROUTES.month}?kommune=${municipalityText(municipality)}&maaned=${formatMonth(month)}`,
  search: (): string => ROUTES.search,
  payment: (endToEndId: string): string => `/betalinger/${encodeURIComponent(endToEndId)}`,
  order: (municipality: Municipality, system: SourceSystem, key: string, version?: number): string =>
    `/kommuner/${municipalityText(municipality)}/ordrer/${system}/${encodeURIComponent(key)}` +
    (version === undefined ? '' : `?udgave=${version}`),
  /** `skip`: behind so many of the account's open items. */
  account: (municipality: Municipality, account: string, skip = 0): string =>
    `/kommuner/${municipalityText(municipality)}/konti/${encodeURIComponent(account)}` +
    (skip === 0 ? '' : `?efter=${skip}`),
  /** Where the runs of a month are. */
  runs: (municipality: Municipality, month: Day): string =>
    `${ROUTES.month}?kommune=${municipalityText(municipality)}&maaned=${formatMonth(month)}#koersler`,
} as const
