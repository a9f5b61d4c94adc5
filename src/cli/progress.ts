/** Shows on stderr, if it is a terminal, how many of `seconds` of music have been made. */
export function showProgress(seconds: number): (share: number) => void {
  if (!process.stderr.isTTY) return () => {}
  return (share) => {
    process.stderr.write(share < 1 ? `\r${Math.floor(share * seconds)} of ${seconds} s` : '\r\x1b[K')
  }
}
