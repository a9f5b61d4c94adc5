import { Worker } from 'node:worker_threads'
import { Refused } from '../engine/refused.js'
import { messageOf } from '../io/error-text.js'
import { isConnectedTo } from '../io/midi/alsa-peers.js'
import { openMidiLibrary } from '../io/midi/midi-library.js'
import { findPort } from '../io/midi/port-names.js'
import { endNotes, type RescueTarget } from '../io/output/rescue.js'
import { Ledger } from '../io/shared/ledger.js'
import { reopenStage } from '../io/shared/shared-memory.js'
import type { PortsReport } from './ear-host.js'
import { hostKeeper } from './keeper-host.js'
import { type StageData, type StageMessage, WORKER_LIMITS } from './messages.js'

type StageReady = Extract<StageMessage, { kind: 'ready' }>

/** The stage as main sees it. */
export interface StageHost {
  readonly worker: Worker
  /** Resolves when the stage can play. Rejects with Refused when its port can't be opened. */
  readonly ready: Promise<StageReady>
  /** Receives the ports report. The player is told of a receiver that has gone, and one that is back is opened again. */
  portsChanged(ports: PortsReport): void
  /** Declares that the stage's end is no failure from now on. */
  letGo(): void
  /** Ends the thread, and the keeper after it. */
  close(): Promise<void>
}

/**
 * Starts the stage and watches over it. A stage that dies isn't started again, since its port is gone with it and a DAW's
 * track wouldn't find the next one. The notes that it left sounding are ended at the receivers themselves.
 * @param hasKeeper whether another process ends the notes if this one is killed
 * @param onNotice receives a sentence for the player when the receiver has gone, or is there again
 * @param onReopened is called when the port was opened again, or couldn't be opened: meanwhile the ports may have changed
 * once more
 * @param onLost receives a sentence for the player when the stage is lost and its notes are ended
 */
export function hostStage(
  data: Omit<StageData, 'keptFile'>,
  hasKeeper: boolean,
  onNotice: (sentence: string) => void,
  onLost: (sentence: string) => void,
  onReopened: () => void,
): StageHost {
  const keeper = hasKeeper ? hostKeeper(onNotice) : undefined
  const worker = new Worker(new URL('./stage.js', import.meta.url), {
    workerData: { ...data, keptFile: keeper?.file } satisfies StageData,
    resourceLimits: WORKER_LIMITS,
  })
  /**
   * The full name of the other program's port that is played to; undefined for Rubato's own port, and while no port is
   * open.
   */
  let receiver: string | undefined
  /** The ALSA addresses connected to Rubato's own port. */
  let peers: readonly string[] = []
  let isPlaying = false
  let isLetGo = false
  let failure = 'The output stage ended unexpectedly.'
  const ready = new Promise<StageReady>((resolve, reject) => {
    worker.on('message', (message: StageMessage) => {
      if (message.kind === 'ready') {
        if (message.missing === null && data.port.kind === 'named') receiver = message.portName
        isPlaying = true
        keeper?.tell(rescueTarget())
        resolve(message)
      } else if (message.kind === 'reopened') handleReopened(message.portName, message.reason)
      else if (message.kind === 'failed') failure = message.reason
    })
    worker.on('error', (error) => {
      failure = `The output stage failed: ${error.message}.`
    })
    worker.on('exit', () => {
      if (!isPlaying) reject(new Refused(failure))
      else if (!isLetGo) void rescue()
    })
  })

  async function rescue(): Promise<void> {
    try {
      const target = rescueTarget()
      if (target) await endNotes(await openMidiLibrary(), new Ledger(data.memory.ledger), target)
      onLost(failure)
    } catch (error) {
      onLost(`${failure} ${messageOf(error)}`)
    }
  }

  /** The receivers at which notes of the dead stage may still sound; undefined if it played to nobody. */
  function rescueTarget(): RescueTarget | undefined {
    if (receiver !== undefined) return { kind: 'named', name: receiver }
    return peers.length === 0 ? undefined : { kind: 'peers', addresses: peers }
  }

  function handleReopened(portName: string, reason: string | null): void {
    receiver = reason === null ? portName : undefined
    keeper?.tell(rescueTarget())
    onReopened()
    onNotice(reason === null ? `Playing to "${portName}".` : `The port can't be opened again: ${reason}`)
  }

  /** Follows the other program's port as it goes and comes back, maybe as another ALSA client. */
  function portsChanged(ports: PortsReport): void {
    peers = ports.peers
    followReceiver(ports)
    keeper?.tell(rescueTarget())
  }

  function followReceiver(ports: PortsReport): void {
    if (data.port.kind !== 'named' || !isPlaying) return
    const there = findPort(ports.outputs, data.port.name)
    if (there === undefined) {
      if (receiver !== undefined) {
        onNotice(`The port "${receiver}" is gone: nobody hears this until it is back.`)
      }
      receiver = undefined
    } else if (there !== receiver || !isConnectedTo(there)) reopenStage(data.memory)
  }

  return {
    worker,
    ready,
    portsChanged,
    letGo: () => {
      isLetGo = true
    },
    close: async () => {
      await worker.terminate()
      keeper?.close()
    },
  }
}
