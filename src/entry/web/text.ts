/** The one catalogue of Danish text for people: pages, JSON and command line take every word from here. */
export * from './text/changes.ts'
export * from './text/gate.ts'
export * from './text/lines.ts'
export * from './text/pages.ts'
export * from './text/payees.ts'
export * from './text/sources.ts'
export * from './text/states.ts'
export * from './text/work.ts'
