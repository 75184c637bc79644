/** What the ledger and the files to the outside say in all, as rows of a scenario's tables. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Municipality } from '../../src/base/id.ts'
import { formatKroner } from '../../src/base/money.ts'
import type { TestLine } from './line.ts'
import { aliasOf, codes } from './names.ts'
import type { Play } from './play-scenario.ts'
import type { Row } from './read-scenario.ts'

/** Accounts by number that do not stand at zero: debit above it. */
export async function accountRows({ reader }: TestLine, municipalities: readonly Municipality[]): Promise<Row[]> {
  const rows = await reader.transaction([...municipalities], (tx) =>
    tx.rows<{ account: string; ore: number }>(
      `select account, sum(debit_ore - credit_ore)::bigint as ore from ledger_lines_v1 where municipality = any ($1)
       group by 1 having sum(debit_ore - credit_ore) <> 0`,
      [municipalities],
    ),
  )
  return rows.map(({ account, ore }) => ({ konto: account, saldo: formatKroner(ore) }))
}

function textsOf({ out }: TestLine, municipalities: readonly Municipality[], ending: string): string[] {
  return readdirSync(out, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(ending))
    .filter((name) => municipalities.some((one) => name.includes(`${String(one).padStart(4, '0')}-`)))
    .map((name) => readFileSync(join(out, name), 'latin1'))
}

/** What the files to the ERP debit an account by. */
export function toldErp(line: TestLine, code: string, account: string): number {
  let sum = 0
  const files = readdirSync(line.out, { recursive: true }).map(String)
  for (const name of files.filter((one) => one.endsWith('.g69.txt') && one.includes(`${code}-`))) {
    const text = readFileSync(join(line.out, name), 'latin1')
    for (const [, told, ore, sign, side] of text.matchAll(/&111([^&]*)&112(\d+)([ -])&113([DK])/g)) {
      if (told === account) sum += Number(ore) * (sign === '-' ? -1 : 1) * (side === 'D' ? 1 : -1)
    }
  }
  return sum
}

function summed(keys: readonly string[], amounts: readonly (readonly [readonly string[], number])[]): Row[] {
  const sums = new Map<string, number>()
  for (const [cells, ore] of amounts) sums.set(cells.join('|'), (sums.get(cells.join('|')) ?? 0) + ore)
  return [...sums].map(([key, ore]) => {
    const cells = key.split('|')
    return { ...Object.fromEntries(keys.map((name, i) => [name, cells[i] ?? ''])), beløb: formatKroner(ore) }
  })
}

/** Of each benefit, and each of its weeks when asked, what Ydelsesrefusion was told in all, and in how many rows. */
export function reimbursementRows(line: TestLine, municipalities: readonly Municipality[], byWeek: boolean): Row[] {
  const rows = textsOf(line, municipalities, '.csv').flatMap((text) =>
    text
      .split('\r\n')
      .slice(1)
      .filter((row) => row !== '')
      .map((row) => row.split(';')),
  )
  return summed(
    byWeek ? ['ydelse', 'uge'] : ['ydelse'],
    rows.map((cells) => [[cells[2] ?? '', ...(byWeek ? [cells[4] ?? ''] : [])], Number(cells[7])]),
  )
}

const FIELDS: Readonly<Record<string, string>> = {
  '0013': 'A-indkomst med AM',
  '0014': 'A-indkomst',
  '0015': 'A-skat',
  '0016': 'AM-bidrag',
  '0046': 'ATP',
  '0047': 'pension',
  '0098': 'tilbagebetalt',
}

/**
 * Of each month, kind of income and field, and each person when asked, what eIndkomst was told in all. What came to
 * nothing is left out, but not of a person: that it was told and then taken back is what is asked.
 */
export function incomeRows(play: Play, byPerson: boolean): Row[] {
  const amounts: [string[], number][] = []
  for (const text of textsOf(play.line, codes(play), '.eindkomst.txt')) {
    let [month, kind, person] = ['', '', '']
    for (const record of text.split('\r\n')) {
      const type = record.slice(7, 11)
      if (type === '5000') month = `${record.slice(44, 48)}-${record.slice(48, 50)}`
      else if (type === '6000') [kind, person] = [record.slice(81, 85), aliasOf(play, record.slice(19, 29))]
      else if (type === '6001') {
        const ore = Number(record.slice(15, 25)) * 100 + Number(record.slice(25, 27))
        const field = record.slice(11, 15)
        const cells = [...(byPerson ? [person] : []), month, kind, FIELDS[field] ?? field]
        amounts.push([cells, record.slice(31, 32) === '-' ? -ore : ore])
      }
    }
  }
  if (byPerson) return summed(['borger', 'måned', 'art', 'felt'], amounts)
  return summed(['måned', 'art', 'felt'], amounts).filter((row) => row['beløb'] !== '0,00')
}
