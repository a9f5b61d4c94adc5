/** How many others are in the Link session, as text. */
export function peersText(linkPeers: number): string {
  if (linkPeers === 0) return 'nobody else yet'
  return linkPeers === 1 ? '1 peer' : `${linkPeers} peers`
}
