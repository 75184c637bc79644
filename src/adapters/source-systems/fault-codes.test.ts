import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { FAULT_CODES, fault, WARNING_CODES } from './fault-codes.ts'

const HERE = new URL('.', import.meta.url)
const DOCUMENT = new URL('../../../docs/fault-codes.md', HERE)
const HEADING = '## At the door'

test('the list of codes and docs/fault-codes.md say the same', () => {
  const document = readFileSync(DOCUMENT, 'utf8')
  const from = document.indexOf(`${HEADING}\n`)
  assert.ok(from >= 0, `docs/fault-codes.md has no heading "${HEADING}"`)
  const next = document.indexOf('\n## ', from + HEADING.length)
  const section = document.slice(from, next < 0 ? undefined : next)
  const documented = section.split('\n').filter((line) => line.startsWith('| `'))
  const listed = Object.entries(FAULT_CODES).map(([code, { means, todo }]) => `| \`${code}\` | ${means} | ${todo} |`)
  assert.deepEqual(documented, listed)
})

test('every code is snake_case, has two sentences, and is used', () => {
  const sources = [HERE, new URL('../../entry/line/', HERE)]
    .flatMap((folder) => readdirSync(folder).map((name) => new URL(name, folder)))
    .filter(
      (url) =>
        url.pathname.endsWith('.ts') && !url.pathname.endsWith('.test.ts') && !url.pathname.endsWith('fault-codes.ts'),
    )
    .map((url) => readFileSync(url, 'utf8'))
    .join('\n')
  // The receiver's verdicts become codes by their name.
  const verdicts = ['superseded', 'version_conflict']
  for (const [code, { means, todo }] of Object.entries(FAULT_CODES)) {
    assert.match(code, /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/)
    assert.match(means, /^[A-Za-z].*\.$/)
    assert.match(todo, /^[A-Z].*\.$/)
    assert.ok(verdicts.includes(code) || sources.includes(`'${code}'`), `${code} is used nowhere`)
  }
  for (const code of WARNING_CODES) assert.ok(FAULT_CODES[code].means.startsWith('Warning: '))
})

test('a fault says what is wrong, then what to do', () => {
  assert.deepEqual(fault('no_lines', '/lines', 'The order has no lines.'), {
    pointer: '/lines',
    code: 'no_lines',
    detail: 'The order has no lines. Send at least one line, or withdraw the order with a reason.',
  })
})
