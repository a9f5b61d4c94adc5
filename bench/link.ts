import { setTimeout as sleep } from 'node:timers/promises'
import type { App } from '../src/app/app.js'
import type { Ms } from '../src/engine/units.js'
import { percentile } from '../src/io/meters/lateness.js'
import { burnAllCores } from './burners.js'
import { missingLinkHut, startLinkHut } from './link-hut.js'
import { type LinkProbe, openProbe } from './link-probe.js'
import { watchSteal } from './machine.js'
import { whilePlaying } from './playing.js'
import { printTable, type Row, round } from './table.js'

const ASK_EVERY_MS: Ms = 100

/** A ping that took longer doesn't say well enough where the other's beat is. */
const LONGEST_ROUND_TRIP_MS: Ms = 0.5

/** How long LinkHut plays before Rubato comes, and the two after they have met. */
const SETTLING_MS: Ms = 3000

/**
 * Measures, for `seconds`, how far Rubato's beat is from that of LinkHut, the example program of Ableton's library: each is
 * asked at the same moment. Once on a machine as it is, and once with every core busy. Both run in the network of this
 * process; `unshare -rn sh -c 'ip link set lo up; ...'` gives them one of their own.
 */
export async function link(seconds: number): Promise<readonly Row[]> {
  const missing = missingLinkHut()
  if (missing !== null) {
    printTable('Link', [{ 'not measured': missing }])
    return []
  }
  const rows = [await measure('as it is', seconds)]
  const end = burnAllCores()
  try {
    rows.push(await measure('every core busy', seconds))
  } finally {
    end()
  }
  printTable("Rubato's beat and that of LinkHut in one Link session: how far they are apart", rows)
  return rows
}

async function measure(machine: string, seconds: number): Promise<Row> {
  const hut = await startLinkHut()
  const probe = openProbe()
  try {
    await hut.press('a')
    await sleep(SETTLING_MS)
    return await whilePlaying({ realtime: 'auto', sync: 'link' }, async (app) => {
      while (app.meters().linkPeers !== 1) await sleep(ASK_EVERY_MS)
      await sleep(SETTLING_MS)
      const stolen = watchSteal()
      const errors = await compare(app, probe, 1000 * seconds)
      const at = (share: number) => round(percentile(errors, share), 3)
      return {
        machine,
        peers: app.meters().linkPeers ?? 0,
        tempo: round(app.snapshot()?.beat?.tempo ?? 0, 1),
        samples: errors.length,
        'p50 ms': at(0.5),
        'p95 ms': at(0.95),
        'max ms': at(1),
        'host took %': stolen(),
      }
    })
  } finally {
    probe.close()
    hut.kill()
  }
}

/** Asks both for their beat again and again. @returns how far they were apart each time, in ms, sorted */
async function compare(app: App, probe: LinkProbe, duration: Ms): Promise<Ms[]> {
  const errors: Ms[] = []
  const [founder] = probe.peers().keys()
  const end = performance.now() + duration
  while (performance.now() < end) {
    await sleep(ASK_EVERY_MS)
    const theirs = founder === undefined ? undefined : await probe.ask(founder)
    const ours = app.snapshot()?.beat
    if (!theirs || theirs.roundTrip > LONGEST_ROUND_TRIP_MS || !ours || ours.position === null) continue
    const beat = ours.position + ((theirs.at - ours.at) * ours.tempo) / 60_000
    errors.push((Math.abs(beat - theirs.beat) * 60_000) / theirs.tempo)
  }
  return errors.sort((a, b) => a - b)
}
