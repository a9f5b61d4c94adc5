import type { StyleProfile } from './profile.js'

/**
 * The manner of nobody in particular, from which every other is told apart: the mean of the profiles of the 967 performances of
 * MAESTRO v2's training split (`node build/bench/style-distance.js MAESTRO-FOLDER --split train --mean`). It is
 * what rubato-piano has learned from, not what it plays: that depends on the tide and the controls.
 */
export const NEUTRAL_PROFILE: StyleProfile = {
  notes: 0,
  density: 10.52,
  velocity: 64.02,
  velocitySpread: 17.14,
  lowPitch: 46.75,
  meanPitch: 64.36,
  highPitch: 81.05,
  articulation: 2.068,
  noteLength: 0.3038,
  chordShare: 0.4001,
  velocities: [
    0.002555, 0.004719, 0.01113, 0.02975, 0.06545, 0.09801, 0.1251, 0.1503, 0.1632, 0.1532, 0.1088, 0.05927,
    0.02354, 0.004371, 0.0004724, 9.437e-5,
  ],
  registers: [
    3.537e-5, 3.537e-5, 3.537e-5, 0.0002203, 0.003367, 0.01585, 0.03415, 0.06002, 0.1029, 0.1397, 0.1689,
    0.1611, 0.145, 0.09005, 0.04853, 0.02057, 0.008771, 0.0006608, 3.689e-5, 3.537e-5, 3.537e-5, 3.537e-5,
  ],
  degrees: [
    0.1173, 0.01086, 0.04955, 0.01379, 0.06793, 0.05939, 0.0137, 0.0839, 0.01774, 0.04768, 0.02733, 0.03154,
    0.08427, 0.01537, 0.04215, 0.0654, 0.01204, 0.04476, 0.01738, 0.06404, 0.03992, 0.01991, 0.0313, 0.02274,
  ],
  intervals: [
    0.2177, 0.005234, 0.01072, 0.02436, 0.01921, 0.02199, 0.01407, 0.02338, 0.02713, 0.03738, 0.03475, 0.0222,
    4.867e-5, 0.0231, 0.0338, 0.05878, 0.04177, 0.03566, 0.01851, 0.02855, 0.02208, 0.028, 0.01164, 0.004764,
    0.2352,
  ],
  waits: [0.238, 0.1234, 0.1486, 0.09617, 0.1188, 0.116, 0.06978, 0.04745, 0.02465, 0.01706],
}
