/** A report without the ATP of some persons, as a fault of its writer would have it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from '../../src/base/db.ts'
import { type Municipality, municipalityText } from '../../src/base/id.ts'
import type { TestLine } from './line.ts'

/** Of these persons no ATP, its code neither; lines are numbered and counted as if it had never been there. */
function withoutAtp(report: string, persons: ReadonlySet<string>): { readonly text: string; readonly left: number } {
  let [person, left] = ['', 0]
  const kept = report.split('\r\n').filter((record) => {
    const kind = record.slice(7, 11)
    if (kind === '6000') person = record.slice(19, 29)
    const isAtp =
      (kind === '6001' && record.slice(11, 15) === '0046') || (kind === '6002' && record.slice(11, 15) === '0045')
    if (!isAtp || !persons.has(person)) return true
    if (kind === '6001') left += Number(record.slice(15, 25)) * 100 + Number(record.slice(25, 27))
    return false
  })
  const numbered = kept.map((record, i) => (record === '' ? '' : String(i + 1).padStart(7, '0') + record.slice(7)))
  const count = String(kept.length - 1).padStart(7, '0')
  return {
    text: numbered.map((one) => (one.slice(7, 11) === '9999' ? one.slice(0, 11) + count : one)).join('\r\n'),
    left,
  }
}

/** Written so, and recorded so: file, hash and totals. `mend` puts it back. */
export async function leaveOutAtp(
  { out, url }: TestLine,
  municipality: Municipality,
  month: string,
  persons: ReadonlySet<string>,
): Promise<{ readonly left: number; mend(): Promise<void> }> {
  const path = join(out, 'eindkomst', `${municipalityText(municipality)}-${month}-1.eindkomst.txt`)
  const was = readFileSync(path, 'latin1')
  const { text, left } = withoutAtp(was, persons)
  async function write(report: string, less: number): Promise<void> {
    const bytes = Buffer.from(report, 'latin1')
    writeFileSync(path, bytes)
    const owner = await connect(url, undefined)
    await owner.db.run(
      `update deliveries set sha256 = sha256($1::bytea), bytes = length($1::bytea), totals = totals || jsonb_build_object(
         'atp_ore', (totals->>'atp_ore')::bigint - $2::bigint, 'records', $3::int)
       where municipality_code = $4 and kind = 'eindkomst'`,
      [bytes, less, report.split('\r\n').length - 1, municipality],
    )
    await owner.close()
  }
  await write(text, left)
  return { left, mend: () => write(was, -left) }
}
