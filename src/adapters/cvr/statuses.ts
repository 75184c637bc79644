/**
 * Company statuses of CVR's distribution and what they are to us. The names are public (the distribution's own words,
 * without blanks, in capitals); the list is not known to be whole, so an unknown one is told and changes nothing.
 */
export const STATUSES: Readonly<Record<string, 'bankruptcy' | 'closed' | null>> = {
  NORMAL: null,
  AKTIV: null,
  FREMTID: null,
  UNDERREKONSTRUKTION: null,
  UNDERREASSUMERING: null,
  UNDERREASUMMERING: null,
  UNDERFRIVILLIGLIKVIDATION: null,
  UNDERTVANGSOPLØSNING: null,
  UDENRETSVIRKNING: null,
  UNDERKONKURS: 'bankruptcy',
  OPHØRT: 'closed',
  SLETTET: 'closed',
  TVANGSOPLØST: 'closed',
  OPLØSTEFTERKONKURS: 'closed',
  OPLØSTEFTERERKLÆRING: 'closed',
  OPLØSTEFTERFRIVILLIGLIKVIDATION: 'closed',
  OPLØSTEFTERFUSION: 'closed',
  OPLØSTEFTERGRÆNSEOVERSKRIDENDEFUSION: 'closed',
  OPLØSTEFTERSPALTNING: 'closed',
}
