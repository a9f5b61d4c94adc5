import { Text, Transform } from 'ink'

/**
 * Lines of at most `columns` cells each, with their escape sequences. Ink keeps what it has measured of every text it
 * ever saw; so it measures a block that is always the same, and what changes is put in its place as it is written.
 */
export function Lines({ columns, lines }: { readonly columns: number; readonly lines: readonly string[] }) {
  if (columns < 1 || lines.length === 0) return null
  const block = Array<string>(lines.length).fill('.'.repeat(columns)).join('\n')
  return (
    <Transform transform={(_, index) => lines[index] ?? ''}>
      <Text>{block}</Text>
    </Transform>
  )
}
