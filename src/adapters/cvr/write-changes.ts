/** The other side of the distribution, for the fake. */
export interface CvrChange {
  readonly cvr: string
  readonly event: 'bankruptcy' | 'closed' | 'restored'
  /** `YYYY-MM-DD`. */
  readonly date: string
}

export function writeCvrChanges(changes: readonly CvrChange[]): string {
  return changes.map((change) => `${JSON.stringify({ Vrvirksomhed: companyOf(change) })}\n`).join('')
}

function companyOf({ cvr, event, date }: CvrChange) {
  const status = { bankruptcy: 'UNDERKONKURS', closed: 'TVANGSOPLØST', restored: 'NORMAL' }[event]
  return {
    cvrNummer: Number(cvr),
    virksomhedsstatus: [
      { status: 'NORMAL', periode: { gyldigFra: '2001-01-01', gyldigTil: date } },
      { status, periode: { gyldigFra: date, gyldigTil: null } },
    ],
    livsforloeb: [{ periode: { gyldigFra: '2001-01-01', gyldigTil: event === 'closed' ? date : null } }],
  }
}
