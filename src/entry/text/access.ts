/** Who may call the API, as a line. */
import { municipalityText } from '../../base/id.ts'
import type { AccessKind, GivenAccess } from '../../modules/access/index.ts'

const KIND: Readonly<Record<AccessKind, string>> = { source_system: 'fagsystem', person: 'person', auditor: 'revisor' }

/** `known`: how many municipalities there are. */
export function accessText(
  {
    actor,
    kind,
    system,
    roles,
    municipalities,
    validTo,
  }: Omit<GivenAccess, 'sourceSystem'> & { readonly system: string | undefined },
  known: number,
): string {
  const what = system ?? (kind === 'auditor' ? '' : roles.join(', '))
  const where =
    municipalities.length === known ? 'alle kommuner' : municipalities.map((one) => municipalityText(one)).join(', ')
  const until = validTo === undefined ? 'indtil den lukkes' : `til ${validTo.slice(0, 10)}`
  return `${actor}: ${KIND[kind]}${what === '' ? '' : ` (${what})`}, ${where}, ${until}`
}
