import { Text, Transform } from 'ink'

/**
 * Draws lines of at most `columns` cells each, escape sequences included. Ink never forgets the measures of a text: so
 * it is given a block that is always the same to measure, and the real lines are put in its place as they are written.
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
