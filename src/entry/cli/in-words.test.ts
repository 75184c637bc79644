import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Refusal } from '../../base/refusal.ts'
import { inWords } from './in-words.ts'

function said(code: string, message: string): unknown {
  return inWords(Object.assign(new Error(message), { code }))
}

const TOLD = [
  ['53100', 'could not extend file "base/5/1": No space left on device', 'database_short', /disk .* is full/],
  ['53300', 'sorry, too many clients already', 'database_short', /no connection free/],
  ['57P01', 'terminating connection due to administrator command', 'database_lost', /connection .* was lost/],
  ['EAI_AGAIN', 'getaddrinfo EAI_AGAIN db', 'database_lost', /connection .* was lost/],
  ['ETIMEDOUT', 'connect ETIMEDOUT', 'database_lost', /connection .* was lost/],
  ['EFBIG', 'EFBIG: file too large, write', 'disk', /could not be read or written/],
  ['ENOSPC', 'ENOSPC: no space left on device, write', 'disk', /could not be read or written/],
] as const

for (const [code, message, refused, words] of TOLD) {
  test(`${code} is told in a sentence that says what to do`, () => {
    const error = said(code, message)
    assert.ok(error instanceof Refusal)
    assert.equal(error.code, refused)
    assert.match(error.message, words)
    assert.match(error.message, /start again/)
  })
}

test('a defect keeps its stack', () => {
  assert.ok(!(said('22P02', 'invalid input syntax') instanceof Refusal))
})
