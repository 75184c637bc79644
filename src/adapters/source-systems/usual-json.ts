/**
 * The usual form of an order → the value that JSON.parse gives of it, for less than half the cost. Usual are the fields
 * of an active full-state order in the order of our examples, without blanks between them and without escapes in their
 * texts. Every other text is left to JSON.parse. It only reads: what the values must be is for the parser to say.
 *
 * Regular expressions, because they run over the text in native code: to look at each character from here costs as much
 * as JSON.parse. They name each field once, so what they take holds no field twice. No two ways through them begin
 * alike, so a text that they do not take is left after one look.
 */

/** A text as it stands in JSON, without escapes. */
const T = String.raw`"([^"\\\x00-\x1f]*)"`
/** A whole number from zero up, small enough for a number to hold it exactly. */
const N = String.raw`(0|[1-9]\d{0,14})`
const PARTY = String.raw`\{"type":${T},"id":${T}\}`
/** Another line, or the end of the order. */
const NEXT = String.raw`(,|\]\}$)`

const HEAD = sticky(
  String.raw`\{"order_key":${T},"version":${N},"source_system":${T},"municipality":${T},"case_key":${T},`,
  String.raw`"state":${T},"decision":\{"key":${T},"date":${T}\},"beneficiary":${PARTY},"payee":${PARTY},`,
  String.raw`"disposition_date":${T},"settle":${T},"lines":\[`,
)
const BENEFIT = sticky(
  String.raw`\{"line_key":${T},"kind":"benefit","benefit":${T},"component":${T},"kle":${T},"sensitivity":${T},`,
  String.raw`"legal_basis":${T},"grant":\{"uuid":${T},"benefit_id":${T}\},"period":\{"from":${T},"to":${T}\},`,
  String.raw`"quantity":\{"unit":${T},"value":${T}\},"amount_ore":${N},"repayable":(true|false),"text":${T}`,
  String.raw`(?:,"employee":${T})?(?:,"reference":${T})?\}${NEXT}`,
)
const DEDUCTION = sticky(
  String.raw`\{"line_key":${T},"kind":${T},"amount_ore":${N},`,
  String.raw`(?:"claim_key":${T}|"payee":${PARTY},"reference":${T})\}${NEXT}`,
)

function sticky(...parts: readonly string[]): RegExp {
  return new RegExp(parts.join(''), 'y')
}

/** Characters. A usual order of 63 lines has half of it; an expression may need memory for each character. */
const LONGEST = 65_536

/** Undefined for every text that is not written as usual, whether it is JSON or not. */
export function readUsual(text: string): object | undefined {
  if (text.length > LONGEST) return undefined
  const head = matchAt(HEAD, text, 0)
  if (head === null) return undefined
  const lines = linesAt(text, head[0].length)
  if (lines === undefined) return undefined
  return {
    order_key: detached(head[1] as string),
    version: Number(head[2]),
    source_system: head[3],
    municipality: head[4],
    case_key: head[5],
    state: head[6],
    decision: { key: head[7], date: head[8] },
    beneficiary: { type: head[9], id: head[10] },
    payee: { type: head[11], id: head[12] },
    disposition_date: head[13],
    settle: head[14],
    lines,
  }
}

function matchAt(expression: RegExp, text: string, at: number): RegExpExecArray | null {
  expression.lastIndex = at
  return expression.exec(text)
}

function linesAt(text: string, start: number): object[] | undefined {
  const lines: object[] = []
  for (let at = start; ; ) {
    const benefit = matchAt(BENEFIT, text, at)
    const line = benefit ?? matchAt(DEDUCTION, text, at)
    if (line === null) return undefined
    lines.push(benefit === null ? deductionOf(line) : benefitOf(line))
    if (line.at(-1) !== ',') return lines
    at += line[0].length
  }
}

function benefitOf(found: RegExpExecArray): object {
  const line: Record<string, unknown> = {
    line_key: found[1],
    kind: 'benefit',
    benefit: found[2],
    component: found[3],
    kle: found[4],
    sensitivity: found[5],
    legal_basis: found[6],
    grant: { uuid: found[7], benefit_id: found[8] },
    period: { from: found[9], to: found[10] },
    quantity: { unit: found[11], value: found[12] },
    amount_ore: Number(found[13]),
    repayable: found[14] === 'true',
    text: found[15],
  }
  if (found[16] !== undefined) line['employee'] = found[16]
  if (found[17] !== undefined) line['reference'] = found[17]
  return line
}

function deductionOf(found: RegExpExecArray): object {
  const amount = Number(found[3])
  if (found[4] !== undefined) return { line_key: found[1], kind: found[2], amount_ore: amount, claim_key: found[4] }
  const payee = { type: found[5], id: found[6] }
  return { line_key: found[1], kind: found[2], amount_ore: amount, payee, reference: found[7] }
}

/**
 * The same text in memory of its own. All others are pieces of the text they were found in and hold the whole of it
 * (and of the block it was read with); the keys of the orders are remembered as long as their file is read.
 */
function detached(text: string): string {
  return ` ${text}`.slice(1)
}
