/** Every URL of the pages, in one place. */
import { formatMonth, type Day } from '../../base/date.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import type { SourceSystem } from '../../modules/orders/index.ts'

export const ROUTES = {
  month: '/',
  search: '/soeg',
  payment: '/betalinger/:id',
  order: '/kommuner/:municipality/ordrer/:system/:key',
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
} as const
