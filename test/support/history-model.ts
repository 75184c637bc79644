/**
 * What must come of a history, reckoned the plain way (docs/decisions/0009-corrections.md): by decision and key, in
 * gross, without items, places or tax. What the rail and the bank did is given; so is how far a claim that money was
 * taken of can be closed, which is a matter of tax.
 */
import assert from 'node:assert/strict'
import { guardOf, isGuarded } from './history-guards.ts'
import { plan, takeInstalments } from './history-outcomes.ts'
import { type Draft, repay } from './history-repayments.ts'
import { letGo, waitsAsSmall } from './history-small.ts'
import { BENEFITS, type BenefitLine, numberOf, textOf, type Version } from './history-records.ts'
import { add, type Claim, type Given, isSameBenefit, type Model, SHEETS, type Stands } from './history-stands.ts'

function decisionOf({ order, system, beneficiary }: Version, base = false): Stands {
  const overpaid = { overpaid: new Map(), suppressed: new Map(), adjusting: new Map(), kept: new Map() }
  const nothing = { calculated: undefined, smallSince: undefined, settled: 0, stopped: false }
  const lists = { wanted: new Map(), fresh: [], taken: [], claims: [] }
  const before = { base, made: new Set<string>(), vouched: new Set<string>(), newest: undefined, held: undefined }
  return { order, system, beneficiary, ...nothing, ...lists, ...overpaid, ...before }
}

/** What an old system paid is current, and nothing of it is paid here. */
export function paidBefore(model: Model, version: Version): void {
  const wanted = sumsOf(version.lines)
  const one = {
    ...decisionOf(version, true),
    calculated: version,
    newest: version,
    wanted,
    made: new Set(wanted.keys()),
  }
  model.decisions.set(version.order, one)
  for (const line of version.lines) model.keys.set(textOf(line), line)
  for (const key of wanted.keys()) model.paid.add(`${one.system} ${key}`).add(`${one.order} ${key}`)
}

/** A version has come: it is the newest, or it changes nothing. */
export function take(model: Model, version: Version): void {
  const { order } = version
  const one = model.decisions.get(order) ?? decisionOf(version)
  model.decisions.set(order, one)
  for (const line of version.lines) model.keys.set(textOf(line), line)
  for (const { claim } of version.takes) if (claim !== undefined) model.touched.add(claim)
  if (one.newest !== undefined && one.newest.version >= version.version) return
  if (one.newest !== one.calculated && (one.newest?.again ?? 0) > 0) one.stopped = true
  one.newest = version
  one.held = undefined
  one.smallSince = undefined
}

/** What is calculated now: newest versions, those that claim last, as what others free may be claimed. */
export function calculate(model: Model, before: string, given: Given): Stands[] {
  model.before = before
  for (const one of model.decisions.values()) if (one.held !== undefined) dropStopped(one, given)
  const due = [...model.decisions.values()]
    .filter((one) => one.newest !== one.calculated && one.held !== 'unfounded_repayment' && !waitsForPerson(one))
    .filter(({ newest }) => newest !== undefined && newest.date < before)
    .filter((one) => !isStopped(one, given))
    .sort((a, b) => rankOf(a).localeCompare(rankOf(b)))
  for (const one of due) {
    calculateOne(model, one, one.newest as Version, given)
    if (one.held !== undefined) waits(one, given)
  }
  for (const { system, order, wanted } of due) {
    for (const key of wanted.keys()) model.paid.add(`${system} ${key}`).add(`${order} ${key}`)
  }
  return due
}

/** It waits for a register or a person; what of it was calculated before stands no more. */
function isStopped(one: Stands, given: Given): boolean {
  if (!given.isStopped(one.newest as Version)) return false
  // What a person has let go of its other holds is let go, though it is not calculated yet; so is what was answered.
  const isAnswered = one.held === 'awaits_answer' && !given.isUnanswered(one.order)
  if (isAnswered || one.held === 'came_back' || one.held === 'before_takeover' || one.held === 'before_look_back')
    one.held = undefined
  waits(one, given)
  return true
}

/** When the newest version is there again, what was calculated of it is stopped. */
function waits(one: Stands, given: Given): void {
  if (one.newest?.version === one.calculated?.version) one.stopped = true
  dropStopped(one, given)
}

/** What it is held for is judged again when a person has let it go. */
function waitsForPerson(one: Stands): boolean {
  const settled = one.newest === undefined || one.settled === numberOf(one.newest)
  return (one.held === 'came_back' && !settled) || isGuarded(one)
}

/** What was stopped and is not paid any more stands no more. */
function dropStopped(one: Stands, given: Given): void {
  if (!one.stopped) return
  one.stopped = false
  const stays = one.fresh.filter(({ version, key }) =>
    given.fatesOf(one.order, version, key).every(({ fate }) => fate !== 'unsent'),
  )
  for (const { version, key } of one.fresh) {
    for (const { fate, gross } of given.fatesOf(one.order, version, key))
      if (fate === 'unsent') add(one.wanted, key, -gross)
  }
  one.fresh = stays
}

function claims({ withdrawn, repayments }: Version): boolean {
  return !withdrawn && repayments.length > 0
}

/** Own ATP of a benefit is less; in øre. */
const MOST_ATP = 40_000

/** What was ATP alone nobody had, and nobody can pay back. */
function mayBeNothing(model: Model, { repayments }: Version): boolean {
  return repayments.some(({ claim, amount }) => !model.decided.has(claim) && amount < MOST_ATP)
}

function rankOf({ newest, base }: Stands): string {
  const version = newest as Version
  const turn = claims(version) ? 2 : numberOf(version) > 1 || base ? 0 : 1
  return `${turn} ${version.beneficiary} ${version.said} ${version.system} ${version.order}`
}

type Sum = Map<string, number>

function calculateOne(model: Model, one: Stands, version: Version, given: Given): void {
  if (version.withdrawn && one.calculated === undefined) return
  // What is gathered is judged when it is paid, though it may have become old by then.
  const isGathered = one.held === 'small_amount' && given.waitsOf(version) === 'small_amount'
  const guard = isGathered ? undefined : guardOf(model, one, version, given)
  if (guard !== undefined) {
    one.held = guard
    return
  }
  const revoked = revoke(model, one, version, given)
  const isSettled = one.settled === numberOf(version)
  if (!isSettled && touchesTornClaim(model, one, version, given)) {
    one.held = 'came_back'
    return
  }
  const draft = correct(model, revoked.find(({ order }) => order === one.order) ?? one, version, given)
  if (typeof draft === 'string') {
    one.held = draft
    return
  }
  const others = [...model.decisions.values()]
    .filter((other) => other !== one && other.system === one.system)
    .map((other) => revoked.find(({ order }) => order === other.order) ?? other)
  const repaid = claims(version) ? repay(model, one, draft, others, version, given) : []
  if (repaid === undefined || (given.isHeld(version) && mayBeNothing(model, version))) {
    one.held = 'unfounded_repayment'
    return
  }
  if (given.waitsOf(version) === 'small_amount') {
    waitsAsSmall(model, one, draft, version)
    one.held = 'small_amount'
    return
  }
  for (const { order, overpaid, claims } of revoked)
    Object.assign(model.decisions.get(order) as Stands, { overpaid, claims })
  const { unclosed, ...made } = draft
  for (const { key } of made.fresh) one.made.add(key)
  assert.deepEqual(unclosed, [], `${one.order} ${version.version} pays beside a claim`)
  Object.assign(one, made, { calculated: version, held: undefined, stopped: false })
  for (const commit of repaid) commit()
  if (version.instalments !== undefined) plan(one, version, given)
  letGo(model, one, given)
  takeInstalments(model, one, version, given)
  const named = new Set(version.withdrawn ? [] : version.repayments.map(({ claim }) => claim))
  for (const [claim, value] of model.decided) {
    if (value.order === one.order && !named.has(claim)) model.decided.set(claim, { ...value, dropped: true })
  }
}

/**
 * A claim that the order decided and names no more is overpaid again, as far as it is not repaid. Gives the decisions
 * that it changes, as they are then.
 */
function revoke(model: Model, one: Stands, version: Version, given: Given): Stands[] {
  if (one.calculated === undefined) return []
  const named = new Set(version.withdrawn ? [] : version.repayments.map(({ claim }) => claim))
  const isRevoked = ({ claim }: Claim): boolean => model.decided.get(claim)?.order === one.order && !named.has(claim)
  return [...model.decisions.values()]
    .filter((place) => place.claims.some(isRevoked))
    .map((place) => {
      const overpaid = new Map(place.overpaid)
      const claims = place.claims.map((claim) => {
        if (!isRevoked(claim)) return claim
        // What one claim of an item is worth hangs on the others, by the rounding of tax.
        const whole = !place.claims.some((other) => model.touched.has(other.claim))
        const gross = whole ? claim.gross : given.revokedOf(version, claim.claim, place.order, claim.key)
        assert.ok(gross <= claim.gross, `${version.order} ${version.version} revokes more of ${claim.claim} than it is`)
        add(overpaid, claim.key, gross)
        return { ...claim, gross: claim.gross - gross }
      })
      return { ...place, overpaid, claims: claims.filter(({ gross }) => gross > 0) }
    })
}

/**
 * The version claims no more, or pays again, what was claimed whole of a payment of which a part came back. How far
 * what money was taken of can be is a matter of tax; `closeClaims` sees that nothing of it is closed.
 */
function touchesTornClaim(model: Model, one: Stands, version: Version, given: Given): boolean {
  const torn = one.claims.filter(({ claim }) => given.isTornClaim(one.order, claim))
  const named = new Set(version.withdrawn ? [] : version.repayments.map(({ claim }) => claim))
  const isRevoked = torn.some(({ claim }) => model.decided.get(claim)?.order === one.order && !named.has(claim))
  if (isRevoked && one.claims.every(({ claim }) => !model.touched.has(claim))) return true
  const pays = torn.some(({ key }) => version.lines.some((line) => textOf(line) === key))
  return (isRevoked || pays) && given.waitsOf(version) === 'came_back'
}

export function sumsOf(lines: readonly BenefitLine[]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const line of lines) add(sums, textOf(line), line.gross)
  return sums
}

/** The difference of a version; why it waits while it is not known what became of the one before. */
function correct(model: Model, one: Stands, version: Version, given: Given): Draft | 'came_back' | 'awaits_answer' {
  const had = new Map(one.wanted)
  const isSettled = one.settled === numberOf(version)
  if (!isSettled && given.isTorn(one.order)) return 'came_back'
  if (given.isUnanswered(one.order)) return 'awaits_answer'
  for (const { version: of, key } of one.fresh) {
    for (const { fate, gross } of given.fatesOf(one.order, of, key)) {
      if (fate === 'unsent' || fate === 'returned') add(had, key, -gross)
    }
  }
  const wanted = version.withdrawn ? new Map<string, number>() : sumsOf(version.lines)
  const [overpaid, suppressed, adjusting] = SHEETS.map((sheet) => new Map(one[sheet])) as [Sum, Sum, Sum]
  const kept = new Map(one.kept)
  const claimed = one.claims.map((claim) => ({ ...claim }))
  const unclosed: string[] = []
  const [more, less] = [new Map<string, number>(), new Map<string, number>()]
  const keys = inOrder([...new Set([...had.keys(), ...wanted.keys()])], given)
  for (const key of keys) {
    const change = (wanted.get(key) ?? 0) - (had.get(key) ?? 0)
    if (change < 0) less.set(key, -change)
    if (change <= 0) continue
    let open = change
    for (const sheet of [overpaid, suppressed, adjusting]) {
      const gross = Math.min(open, sheet.get(key) ?? 0)
      add(sheet, key, -gross)
      open -= gross
    }
    const rest = open - closeClaims(claimed, one, version, key, open, given)
    const keeps = Math.min(rest, kept.get(key) ?? 0)
    add(kept, key, -keeps)
    if (rest > keeps) more.set(key, rest - keeps)
    const untouched = !claimed.some((claim) => model.touched.has(claim.claim))
    if (rest > 0 && untouched && claimed.some((claim) => claim.key === key && claim.gross > 0)) unclosed.push(key)
  }
  for (const near of [isSameBenefit, isTaxedAlike]) cover(more, less, near)
  for (const [key, gross] of less) add(overpaid, key, gross)
  const fresh = [...more]
    .filter(([, gross]) => gross > 0)
    .map(([key, gross]) => ({ version: numberOf(version), key, gross }))
  return {
    wanted,
    fresh,
    overpaid,
    suppressed,
    adjusting,
    kept,
    claims: claimed.filter((claim) => claim.gross > 0),
    unclosed,
  }
}

/** Oldest period first; between equal ones any order will do that is always the same. */
function inOrder(keys: readonly string[], given: Given): string[] {
  const rank = (key: string): string => {
    const [from, to, holder, benefit, component] = key.split(' ') as [string, string, string, string, string]
    return `${from} ${to} ${holder} ${given.benefitId(benefit)}:${component}`
  }
  return keys.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))
}

function closeClaims(
  claimed: readonly Claim[],
  one: Stands,
  version: Version,
  key: string,
  most: number,
  given: Given,
): number {
  let closed = 0
  for (const claim of claimed) {
    if (claim.key !== key) continue
    const gross = given.closedOf(one.order, numberOf(version), claim.claim, key)
    assert.ok(gross <= claim.gross, `${one.order} ${version.version} closes more of ${claim.claim} than was claimed`)
    const isSeen = one.settled === numberOf(version) || !given.isTornClaim(one.order, claim.claim)
    assert.ok(gross === 0 || isSeen, `${one.order} ${version.version} closes ${claim.claim}, of which a part came back`)
    claim.gross -= gross
    closed += gross
  }
  assert.ok(closed <= most, `${one.order} ${version.version} closes more claims than it raises ${key}`)
  return closed
}

function isTaxedAlike(a: string, b: string): boolean {
  const [, , holder, benefit] = a.split(' ')
  const [, , other, another] = b.split(' ')
  return holder === other && BENEFITS[benefit ?? '']?.taxation === BENEFITS[another ?? '']?.taxation
}

/** The same sum said another way, without money. */
function cover(more: Map<string, number>, less: Map<string, number>, near: typeof isSameBenefit): void {
  for (const [up, wants] of more) {
    let left = wants
    for (const [down, has] of less) {
      const gross = Math.min(left, has)
      if (gross === 0 || !near(up, down)) continue
      left -= gross
      less.set(down, has - gross)
    }
    more.set(up, left)
  }
}
