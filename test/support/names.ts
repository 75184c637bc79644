/** Municipalities and parties as a scenario calls them. */
import type { Play } from './play-scenario.ts'

export function codes(play: Play): number[] {
  return [...play.municipalities.values()]
}

/** What the scenario calls a municipality, from its code. */
export function placeOf(play: Play, code: string): string {
  for (const [name, one] of play.municipalities) if (one === Number(code)) return name
  return code
}

export function aliasOf(play: Play, id: string): string {
  for (const [alias, one] of [...play.citizens, ...play.companies]) if (one === id) return alias
  return id
}

/** CPR and CVR numbers as the scenario calls them. */
export function inAliases(play: Play, text: string): string {
  let named = text
  for (const [alias, id] of play.citizens) named = named.replaceAll(`CPR ${id.slice(0, 6)}-${id.slice(6)}`, alias)
  for (const [alias, id] of play.companies) named = named.replaceAll(`CVR ${id}`, alias)
  return named
}
