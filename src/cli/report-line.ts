import type { App } from '../app/app.js'
import { formatControl } from '../engine/controls/control-values.js'
import { CONTROL_NAMES } from '../engine/controls/controls.js'
import { flagName } from './flags/flags.js'

/** One line of `--json`: the current meters and the pianist's last snapshot, as a JSON object. */
export function reportLine(app: App): string {
  const meters = app.meters()
  const snapshot = app.snapshot()
  const round = (ms: number) => Number(ms.toFixed(3))
  const { p50, p99, max } = meters.lateness
  return JSON.stringify({
    notes: meters.notes,
    sounding: meters.sounding,
    lateness: { p50: round(p50), p99: round(p99), max: round(max) },
    slips: snapshot?.slips ?? 0,
    plan: snapshot ? Math.round(snapshot.planned) : 0,
    paused: snapshot?.paused ?? true,
    floor: snapshot?.floor ?? null,
    beat: snapshot?.beat ?? null,
    linkPeers: meters.linkPeers,
    dropped: meters.dropped,
    lost: meters.lost,
    echoes: meters.echoes,
    restarts: meters.restarts,
    held: snapshot?.held ?? [],
    heardWeights: snapshot?.heardWeights ?? null,
    controls: snapshot
      ? Object.fromEntries(
          CONTROL_NAMES.map((name) => [flagName(name), formatControl(name, snapshot.controls[name])]),
        )
      : {},
  })
}
