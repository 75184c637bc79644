import assert from 'node:assert/strict'
import { test } from 'node:test'
import { day } from '../../base/date.ts'
import { RETURN_CODES } from './data/return-codes.ts'
import { returnCause } from './return-codes.ts'

const ON = day('2026-03-27')

test('what came back has a cause and a next step, whatever the code', () => {
  const cases = [
    [2, 'FORMAL', 'fix_data', /formel fejl/],
    [7, 'NOACCOUNT', 'ask_account', /ingen NemKonto/],
    [9, 'AC04', 'ask_account', /^Kontoen er lukket\.$/],
    [9, 'MD07', 'estate', /død/],
    [9, 'TM01', 'retry', /frist/],
    [9, 'ZZ99', 'ask_bank', /kode ZZ99/],
    [9, '', 'ask_bank', /^Banken har sendt pengene tilbage\.$/],
  ] as const
  for (const [answer, code, step, cause] of cases) {
    const found = returnCause(answer, code, ON)
    assert.equal(found.step, step, `${answer} ${code}`)
    assert.match(found.cause, cause)
  }
})

test('each code stands once, as a whole sentence, with its source', () => {
  assert.equal(new Set(RETURN_CODES.map((one) => one.code)).size, RETURN_CODES.length)
  for (const one of RETURN_CODES) {
    assert.match(one.code, /^[A-Z]{2}\d\d$|^NARR$|^FEJLKONTO$/)
    assert.match(one.cause, /^[A-ZÆØÅ].*\.$/)
    assert.notEqual(one.source, '')
  }
})
