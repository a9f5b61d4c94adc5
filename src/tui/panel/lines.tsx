import { Text, Transform } from 'ink'

/**
 * Draws lines of at most `columns` cells each, escape sequences included. Ink caches the measures of every text for ever.
 * It is therefore given a block that always has the same measures, and the real lines are put in its place as they are
 * written.
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
