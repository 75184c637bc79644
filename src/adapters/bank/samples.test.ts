/**
 * Messages that banks have published, read by our readers. None is kept here: ISO20022_SAMPLES_DIR names a folder with
 * a folder for each bank. Other currencies than kroner are refused by rule, so the samples are read as if in kroner.
 */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseStatement, recallAnswerReader, statusReader } from './index.ts'

const folder = process.env['ISO20022_SAMPLES_DIR'] ?? ''
const banks = folder !== '' && existsSync(folder) ? readdirSync(folder).sort() : []

function inKroner(xml: string): string {
  return xml.replace(/(Ccy=["'])[A-Z]{3}/g, '$1DKK').replace(/(<(?:\w+:)?Ccy>)[A-Z]{3}</g, '$1DKK<')
}

function readAny(xml: string): { whole: boolean; told: number; codes: string[] } {
  let told = 0
  const count = (): void => void told++
  if (/pain\.002/.test(xml)) {
    const reader = statusReader({ header: () => undefined, answer: count }, { onlyFailures: true })
    reader.write(xml)
    const { whole, problems } = reader.finish()
    return { whole, told, codes: problems.map((one) => one.code) }
  }
  if (/camt\.029/.test(xml)) {
    const reader = recallAnswerReader({ answer: count })
    reader.write(xml)
    const { whole, problems } = reader.finish()
    return { whole, told, codes: problems.map((one) => one.code) }
  }
  const { whole, problems } = parseStatement([xml], { entry: count, notification: count })
  return { whole, told, codes: problems.map((one) => one.code) }
}

if (banks.length === 0)
  test('SKIPPED: ISO20022_SAMPLES_DIR names no folder of samples', { skip: true }, () => undefined)

for (const bank of banks) {
  for (const name of readdirSync(join(folder, bank)).filter((one) => one.endsWith('.xml'))) {
    test(`${bank}/${name} is read, or refused with a reason`, (t) => {
      const { whole, told, codes } = readAny(inKroner(readFileSync(join(folder, bank, name), 'utf8')))
      t.diagnostic(`${bank}/${name}: ${whole ? 'whole' : 'refused'}, ${told} told, ${codes.join(' ') || 'no problems'}`)
      // Never silent: either something is told, or it is said why not.
      assert.ok(whole ? told > 0 || codes.length > 0 : codes.length > 0)
    })
  }
}
