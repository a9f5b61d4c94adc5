"""MIDI files to notes that last as long as they sound: the same as src/io/recording/midi-file-reader.ts."""

import math

import mido
import numpy as np

from .language import NOTE, STEP_MS
from .refused import Refused

SUSTAIN = 64
PEDAL_DOWN = 64
# Microseconds in a beat where a file names no tempo (Standard MIDI Files 1.0).
DEFAULT_TEMPO = 500_000
# "Milliseconds" of a quarter note where time is the beat: language.py.
BEAT_MS = 480.0

# From Roland's numbers for the edge of the hi-hat and the rim of the floor tom to the nearest ones of General MIDI.
GENERAL_MIDI = {22: 42, 26: 46, 58: 43}

# A day. Nobody plays for longer, and the events of a longer file would fill the memory.
MAX_DURATION_MS = 24 * 3600 * 1000.0


def read_notes(path, in_beats=False):
    """The notes of the file at `path`, NOTE [n] by start. Times are ms, or with `in_beats` 1/480 of a quarter note.

    Raises Refused, naming the file.
    """
    try:
        file = mido.MidiFile(path)
    except Exception as error:
        raise Refused(f"{path} isn't a readable MIDI file ({error}).") from None
    if file.type > 1:
        raise Refused(f"{path} holds independent patterns, not a performance.")
    messages = _in_order(file)
    to_ms = _beats(file) if in_beats else _tempo_map(file, messages)
    actions = []
    end = 0.0
    for tick, message in messages:
        end = to_ms(tick)
        if not end <= MAX_DURATION_MS:
            raise Refused(f"{path} lasts longer than a day.")
        kind = message.type
        if kind == "note_on" and message.velocity > 0:
            actions.append((end, 2, message.channel, message.note, message.velocity))
        elif kind in ("note_on", "note_off"):
            actions.append((end, 0, message.channel, message.note, 0))
        elif kind == "control_change" and message.control == SUSTAIN:
            actions.append((end, 1, message.channel, 0, message.value))
    return apply_sustain(actions, end)


def as_general_midi(notes):
    """Percussion notes with Roland's own numbers turned into those of General MIDI."""
    table = np.arange(128, dtype=np.uint8)
    for roland, general in GENERAL_MIDI.items():
        table[roland] = general
    changed = notes.copy()
    changed["pitch"] = table[notes["pitch"]]
    return changed


def _in_order(file):
    messages = []
    for track in file.tracks:
        tick = 0
        for message in track:
            tick += message.time
            messages.append((tick, message))
            if message.type == "end_of_track":
                break
    return sorted(messages, key=lambda pair: pair[0])


def _beats(file):
    per_beat = _ticks_per_beat(file)
    return lambda tick: tick * BEAT_MS / per_beat


def _ticks_per_beat(file):
    if file.ticks_per_beat == 0:
        raise Refused(f"{file.filename} has a clock without ticks.")
    if not 0 < file.ticks_per_beat < 0x8000:
        raise Refused(f"{file.filename} counts time in frames, not in beats; only files in beats can be read here.")
    return file.ticks_per_beat


def _tempo_map(file, messages):
    """From ticks, which must not go back from call to call, to ms."""
    per_beat = _ticks_per_beat(file)

    def time_in(change, tick):
        return change[1] + ((tick - change[0]) * change[2]) / (1000 * per_beat)

    changes = []
    current = (0, 0.0, DEFAULT_TEMPO)
    for tick, message in messages:
        if message.type == "set_tempo":
            if message.tempo == 0:
                raise Refused(f"{file.filename} has a tempo of 0 microseconds a beat.")
            changes.append(current)
            current = (tick, time_in(current, tick), message.tempo)
    changes.append(current)
    now = 0

    def to_ms(tick):
        nonlocal now
        while now + 1 < len(changes) and changes[now + 1][0] <= tick:
            now += 1
        return time_in(changes[now], tick)

    return to_ms


def apply_sustain(actions, end):
    """Actions (at, kind, channel, pitch, value) by time, kind 0 release, 1 pedal, 2 strike, to NOTE [n] by start.

    A note lasts until its key is up and the pedal lifts, or until its pitch is struck again. At one time releases come
    first, then the pedal, then strikes: a key released as the pedal goes down isn't caught by it.
    """
    notes = []
    sounding = {}
    pedals = set()

    def finish(key, note, at):
        note[1] = at if at > note[0] else note[0] + STEP_MS
        del sounding[key]

    def release(key, at):
        note = sounding.get(key)
        if note is None:
            return
        note[4] = False
        if key >> 7 not in pedals:
            finish(key, note, at)

    start = 0
    while start < len(actions):
        at = actions[start][0]
        stop = start
        while stop < len(actions) and actions[stop][0] == at:
            stop += 1
        together = actions[start:stop]
        start = stop
        # A release ends a note struck before. Only if none is held does it end one struck at the same time.
        late = []
        for _, kind, channel, pitch, _ in together:
            if kind != 0:
                continue
            key = channel << 7 | pitch
            if key in sounding and sounding[key][4]:
                release(key, at)
            else:
                late.append(key)
        for _, kind, channel, _, value in together:
            if kind != 1:
                continue
            if value >= PEDAL_DOWN:
                pedals.add(channel)
            else:
                pedals.discard(channel)
                for key, note in list(sounding.items()):
                    if key >> 7 == channel and not note[4]:
                        finish(key, note, at)
        for _, kind, channel, pitch, velocity in together:
            if kind != 2:
                continue
            key = channel << 7 | pitch
            if key in sounding:
                finish(key, sounding[key], at)
            note = [at, at, pitch, velocity, True]
            notes.append(note)
            sounding[key] = note
        for key in late:
            release(key, at)
    for key, note in list(sounding.items()):
        finish(key, note, end)
    made = np.zeros(len(notes), NOTE)
    for i, (begin, stop, pitch, velocity, _) in enumerate(notes):
        made[i] = (begin, stop, pitch, velocity)
    if not all(map(math.isfinite, (made["start"].sum(), made["end"].sum()))):
        raise Refused("Its times aren't numbers.")
    return made
