/** The small bodies of persons' acts: an object with the fields that are asked for, and no other. */
import { newSink, objectOf, onlyFields } from '../../adapters/source-systems/index.ts'
import type { Fault } from '../../base/refusal.ts'
import { HttpProblem } from './problem.ts'

/**
 * What a body holds, and a fault for every field that is not among `known`: a misspelt one would be passed over in
 * silence. The caller adds its own faults and throws them together.
 * @throws HttpProblem `faults` when it is no object
 */
export function fieldsIn(json: unknown, known: readonly string[]): { given: Record<string, unknown>; faults: Fault[] } {
  const sink = newSink()
  const given = objectOf(sink, json, '')
  if (given === undefined) throw new HttpProblem('faults', undefined, sink.faults)
  onlyFields(sink, given, '', new Set(known))
  return { given, faults: sink.faults }
}

export function throwFaults(faults: readonly Fault[]): void {
  if (faults.length > 0) throw new HttpProblem('faults', undefined, faults)
}
