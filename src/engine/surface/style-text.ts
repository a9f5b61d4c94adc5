/** A style in use, with the value of the control: `FILE.mid 0.7`. */
export function styleText(style: string, strength: number): string {
  return `${style} ${Number(strength.toFixed(2))}`
}
