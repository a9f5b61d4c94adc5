/** Shows on stderr, if it is a terminal, how many of `seconds` of music have been made. */
export function showProgress(seconds: number): (share: number) => void {
  return showShare((share) => `${Math.floor(share * seconds)} of ${seconds} s`)
}

/** Shows on stderr, if it is a terminal, what `tell` says of the share that is done, 0-1; nothing once all is done. */
export function showShare(tell: (share: number) => string): (share: number) => void {
  if (!process.stderr.isTTY) return () => {}
  return (share) => {
    process.stderr.write(share < 1 ? `\r${tell(share)}` : '\r\x1b[K')
  }
}
