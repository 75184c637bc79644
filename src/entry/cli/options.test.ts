import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Refusal } from '../../base/refusal.ts'
import { optionsOf, text } from './options.ts'

function by(name: string): unknown {
  return optionsOf(['--by', name], { by: text }).values.by
}

test('a name that looks like another is that other', () => {
  for (const name of ['Åse Ø', ' Åse Ø', 'Åse Ø\t', 'Åse  Ø', 'A\u030ase Ø', 'Åse\u00a0Ø'])
    assert.equal(by(name), 'Åse Ø')
  assert.equal(optionsOf([], { by: text }).values.by, undefined)
})

test('who acts has a name that can be seen', () => {
  for (const name of ['', ' ', '\u00a0', 'an\u200bna', 'a\u0000b', '\ufeff', 'x'.repeat(101)])
    assert.throws(() => by(name), Refusal, JSON.stringify(name))
})
