/**
 * Files of the rail and the bank that come twice, late, and in another order: answers after the statement, 9 before 8,
 * two files each under the other's name, the statement of one account after that of another. What a municipality comes
 * to may hang on none of it.
 */
import { copyFileSync, mkdirSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { Municipality } from '../../src/base/id.ts'
import { type Dice, pick } from './dice.ts'
import type { TestLine } from './line.ts'

/** When a file that was laid aside comes. */
type Comes =
  /** With the statements of the month, so after them. */
  | 'behind the statements'
  /** When the month is run once more. */
  | 'again'
  /** When what is decided in the next month is calculated. */
  | 'next month'

interface Aside {
  readonly name: string
  readonly as: string
  readonly municipality: Municipality
  readonly comes: Comes
  readonly month: string
}

export interface Disorder {
  begin(month: string): void
  /** Lays back what comes now, of months before; gives whose it is. */
  layBack(comes: Comes, before?: string): Municipality[]
  /** Whether anything of the municipality has not come yet. */
  waitsFor(municipality: Municipality): boolean
  readonly seen: ReadonlyMap<string, number>
}

const HOW = ['twice', 'behind', '9 first', 'next month', 'swapped', 'as is'] as const

const ANSWERS = /^NKS-(\d{4})R\d+-2\.xml$/
const LATE_ANSWERS = /^NKS-(\d{4})R\d+-9-.*\.xml$/
const STATEMENT = /^camt053-(\w+)-\d{4}-\d\d-\d\d\.xml$/

/**
 * `dice`: of municipalities whose files come in disorder. `twins`: those that are to come to the same as another. What
 * is known of an answer when the next version is calculated decides what it comes to, so theirs come within the month.
 */
export function disorder(
  line: TestLine,
  dice: ReadonlyMap<Municipality, Dice>,
  twins: ReadonlySet<Municipality>,
): Disorder {
  const folder = line.incoming
  const away = `${folder}-aside`
  mkdirSync(away, { recursive: true })
  const known = new Set<string>()
  const seen = new Map<string, number>()
  const aside: Aside[] = []
  /** Accounts whose statements of the month come behind the others'. */
  let lateAccounts = new Map<Municipality, string | undefined>()
  let month = ''
  const owner = new Map(line.rates.book.units.map((unit) => [unit.debitAccount, unit.municipality]))
  const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1)
  const layAside = (name: string, municipality: Municipality, comes: Comes, as = name) => {
    renameSync(join(folder, name), join(away, as))
    aside.push({ name, as, municipality, comes, month })
  }
  const twice = (name: string, as: string) => {
    copyFileSync(join(folder, name), join(folder, as))
    known.add(as)
  }
  const swap = (a: string, b: string) => {
    renameSync(join(folder, a), join(away, a))
    renameSync(join(folder, b), join(folder, a))
    renameSync(join(away, a), join(folder, b))
  }
  const answers = (name: string, code: Municipality, roll: Dice, others: readonly string[]) => {
    const drawn = pick(roll, HOW)
    const what = drawn === 'next month' && twins.has(code) ? 'behind' : drawn
    const [other] = others
    if (what === 'twice') twice(name, name.replace('-2.xml', '-3.xml'))
    if (what === 'behind') layAside(name, code, 'behind the statements')
    if (what === '9 first') layAside(name, code, 'behind the statements', name.replace('-2.xml', '-99.xml'))
    if (what === 'next month') layAside(name, code, 'next month')
    if (what === 'swapped' && other !== undefined) swap(name, other)
    count(`answers ${what}`)
  }
  const statement = (name: string, account: string, code: Municipality, roll: Dice) => {
    if (!lateAccounts.has(code)) lateAccounts.set(code, roll(3) === 0 ? account : undefined)
    if (lateAccounts.get(code) === account) {
      layAside(name, code, 'again')
      count('statement behind another')
    } else if (roll(4) === 0) {
      twice(name, name.replace(`-${account}-`, `-${account}-2-`))
      count('statement twice')
    }
  }
  const look = () => {
    const fresh = readdirSync(folder)
      .filter((name) => !known.has(name))
      .sort()
    for (const name of fresh) known.add(name)
    for (const [i, name] of fresh.entries()) {
      const code = Number((ANSWERS.exec(name) ?? LATE_ANSWERS.exec(name))?.[1] ?? 0) as Municipality
      const account = STATEMENT.exec(name)?.[1]
      const own = account === undefined ? code : owner.get(account)
      const roll = own === undefined ? undefined : dice.get(own)
      if (own === undefined || roll === undefined) continue
      if (account !== undefined) statement(name, account, own, roll)
      else if (LATE_ANSWERS.test(name)) {
        if (roll(3) === 0) layAside(name, own, 'again')
        else if (roll(2) === 0) twice(name, name.replace('-9-', '-98-'))
      } else {
        const others = fresh.slice(i + 1).filter((one) => Number(ANSWERS.exec(one)?.[1]) === code)
        answers(name, own, roll, others)
      }
    }
  }
  const layBack = (comes: Comes, before = '9999'): Municipality[] => {
    const now = aside.filter((one) => one.comes === comes && one.month < before)
    for (const one of now) {
      renameSync(join(away, one.as), join(folder, one.as))
      known.add(one.as)
      aside.splice(aside.indexOf(one), 1)
    }
    return [...new Set(now.map((one) => one.municipality))]
  }
  line.whenLaid((by) => {
    look()
    if (by === 'bank') layBack('behind the statements')
  })
  return {
    begin(text) {
      month = text
      lateAccounts = new Map()
    },
    layBack,
    waitsFor: (municipality) => aside.some((one) => one.municipality === municipality),
    seen,
  }
}
