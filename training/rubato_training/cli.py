"""The commands: tokenize, train, export; and evaluate, baselines, events."""

import argparse
import json
import os
import sys

from . import bounds
from .refused import Refused, sentence

FINE_TUNE_RATE = 2e-4
FINE_TUNE_UPDATES = 1500
RATE = 2e-3
# These limits must equal those in src/engine/model/model.ts.
MOST_LAYERS = 8
MOST_UNITS = 2048
UNITS_STEP = 8


def main(arguments=None):
    """Runs a command. @returns the exit code"""
    try:
        options = _parser().parse_args(arguments)
        code = options.run(options) or 0
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # The reader of the output (such as head) has closed the pipe. Python must not try to write the rest when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        told = sentence(error)
        if told is None:
            raise
        print(told, file=sys.stderr)
        return 2


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise Refused(f"{message.replace('argument ', '', 1)}; `{self.prog} --help` lists the options.")


def _parser():
    parser = _Parser(prog="python3 training", description="Trains models for Rubato.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name, run, text):
        made = commands.add_parser(name, help=text, description=text, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
        made.set_defaults(run=run)
        return made

    made = command("tokenize", _tokenize, "Reads a folder of MIDI files into a dataset.")
    made.add_argument("source", help="folder of MIDI files")
    made.add_argument("out", help="folder of the dataset")
    kinds = made.add_mutually_exclusive_group()
    kinds.add_argument("--drums", action="store_true", help="percussion: time in beats, notes without lengths")
    kinds.add_argument("--pop", action="store_true", help="POP909: piano in beats with its chords; its own split, songs ending in 9 are left out")
    kinds.add_argument("--top-lines", action="store_true", help="nothing but the melodies: what is struck above all that sounds")
    made.add_argument("--csv", help="table with the columns midi_filename and split (MAESTRO's, Groove's); its test rows are left out")
    made.add_argument("--validation", help="folder of MIDI files to judge by (else one file in ten)")

    made = command("train", _train, "Trains a network, or goes on with a run that was stopped.")
    made.add_argument("data", help="folder of a dataset, or of MIDI files")
    made.add_argument("out", nargs="?", help="folder of the run (default: beside the data)")
    made.add_argument("--from", dest="start", help="model folder to start from (fine-tuning)")
    made.add_argument("--validation", help="folder of MIDI files to judge by, where the data are MIDI files too (else one file in ten)")
    made.add_argument("--layers", type=bounds.whole(1, MOST_LAYERS), default=3)
    made.add_argument("--units", type=bounds.whole(UNITS_STEP, MOST_UNITS, UNITS_STEP), default=512)
    made.add_argument("--updates", type=bounds.whole(1), help=f"how many (fine-tuning {FINE_TUNE_UPDATES}, else 20000)")
    made.add_argument("--rate", type=bounds.rate, help=f"learning rate (fine-tuning {FINE_TUNE_RATE:g}, else {RATE:g})")
    made.add_argument("--rows", type=bounds.whole(1), default=64, help="streams side by side")
    made.add_argument("--steps", type=bounds.whole(1), default=256, help="events of a chunk")
    made.add_argument("--every", type=bounds.whole(1), help="updates between looks at validation (fine-tuning 50, else 250)")
    made.add_argument("--patience", type=bounds.whole(0), help="looks without getting better after which it stops (fine-tuning 5, else 0: never)")
    made.add_argument("--look", type=bounds.whole(1), default=4096, help="events of each validation performance that are looked at")
    made.add_argument("--dropout", type=bounds.share, default=0.0, help="between layers; a model that was trained without it is better tuned without it")
    made.add_argument("--seed", type=bounds.whole(0, 2**63 - 1), default=1)

    made = command("export", _export, "Writes a run's best weights as a model folder.")
    made.add_argument("run_folder", metavar="run", help="folder of the run")
    made.add_argument("out", help="model folder to write")
    made.add_argument("--name", help="the model's name (default: the folder's)")
    made.add_argument("--data", default="the trainer's own MIDI files", help="what it was trained on, for the card")
    made.add_argument("--licence", help="licence of the weights, for the card; that of weights they were trained on from stands there anyway")

    made = command("expression", _expression, "Trains a network of expression, which foretells how loud the notes of a score are played, or goes on with a run that was stopped.")
    made.add_argument("notes", help="folder that score-notes.js wrote")
    made.add_argument("out", help="folder of the run, and of the weights and the card that it ends with")
    made.add_argument("--units", type=bounds.whole(UNITS_STEP, MOST_UNITS, UNITS_STEP), default=64)
    made.add_argument("--updates", type=bounds.whole(1), default=2000)
    made.add_argument("--rate", type=bounds.rate, default=2e-3, help="learning rate")
    made.add_argument("--rows", type=bounds.whole(1), default=64, help="excerpts of an update")
    made.add_argument("--every", type=bounds.whole(1), default=200, help="updates between checkpoints")
    made.add_argument("--seed", type=bounds.whole(0, 2**63 - 1), default=1)

    made = command("evaluate", _evaluate, "Nats/event of a model on a dataset's split.")
    made.add_argument("model", help="model folder")
    made.add_argument("data", help="folder of a dataset")
    made.add_argument("--split", choices=("train", "validation"), default="validation")
    made.add_argument("--condition", choices=("none", "all"), default="none", help="what the network is told of what comes")
    made.add_argument("--most", type=bounds.whole(1), help="judge no more than the first so many events of each performance")
    made.add_argument("--performances", type=bounds.whole(1), help="judge no more than the first so many performances")

    made = command("baselines", _baselines, "Nats/event of a unigram and a 3-gram on a dataset's validation split.")
    made.add_argument("data", help="folder of a dataset")

    made = command("files", _files, "Prints the files of a dataset's split, a line each.")
    made.add_argument("data", help="folder of a dataset")
    made.add_argument("--split", choices=("train", "validation"), default="validation")

    made = command("songs", _songs, "Writes the performances of a dataset in beats as MIDI files, with their chords beside them.")
    made.add_argument("data", help="folder of a dataset")
    made.add_argument("out", help="folder to write into")
    made.add_argument("--split", choices=("train", "validation"), default="validation")

    made = command("events", _events, "Prints the events of MIDI files as JSON, a line each.")
    made.add_argument("files", nargs="+")
    made.add_argument("--drums", action="store_true")
    return parser


def _kind(is_drums, is_pop=False):
    from .kind import DRUMS, PIANO, POP

    return DRUMS if is_drums else POP if is_pop else PIANO


def _tokenize(options):
    from .dataset import tokenize
    from .recipe import Recipe

    recipe = Recipe(options.source, _kind(options.drums, options.pop), options.csv, options.validation, options.top_lines)
    counts = tokenize(recipe, options.out)
    for split, count in counts.items():
        print(f"{split}: {count['performances']} performances, {count['notes']} notes, {count['events']} events")


def _train(options):
    from .dataset import renew
    from .recipe import Recipe
    from .train import Options, checkpoint_path, train

    data, is_tuning = options.data, options.start is not None
    if not os.path.exists(os.path.join(data, "dataset.json")):
        # The dataset of a folder of MIDI files lies beside that folder.
        folder, data = data, os.path.normpath(data) + ".dataset"
        renew(data, Recipe(folder, _kind(is_tuning and _plays_drums(options.start)), validation=options.validation))
    elif options.validation is not None:
        raise Refused(f"{data} is a dataset, whose validation files are chosen already: give --validation to `tokenize` instead.")

    def chosen(value, tuning, otherwise):
        return value if value is not None else tuning if is_tuning else otherwise

    out = options.out or os.path.normpath(data) + ".run"
    settings = Options(
        data=data, out=out, start=options.start, layers=options.layers, units=options.units,
        updates=chosen(options.updates, FINE_TUNE_UPDATES, 20_000), rate=chosen(options.rate, FINE_TUNE_RATE, RATE),
        rows=options.rows, steps=options.steps, seed=options.seed, every=chosen(options.every, 50, 250),
        patience=chosen(options.patience, 5, 0), look=options.look, dropout=options.dropout,
    )
    try:
        outcome = train(settings)
    except KeyboardInterrupt:
        is_kept = os.path.exists(checkpoint_path(out))
        goes_on = "goes on from the last checkpoint" if is_kept else "begins anew: there is no checkpoint yet"
        raise KeyboardInterrupt(f"The same command {goes_on}.") from None
    if outcome.caution():
        print(outcome.caution())
    print(f"Best validation loss {outcome.nats:.4f} nats/event. Next: python3 training export {out} MODEL_FOLDER")


def _expression(options):
    from .expression import Options, train_expression

    scores = train_expression(Options(
        options.notes, options.out, options.units, options.updates, options.rate, options.rows, options.every, options.seed
    ))
    print(f"{options.out}: correlation {scores['correlation']:.4f} on the performances held out")


def _plays_drums(model):
    from .weights import read_model

    return read_model(model)[1]["events"] == "percussion-388"


def _export(options):
    from .export import export

    name = options.name or os.path.basename(os.path.abspath(options.out))
    scores = export(options.run_folder, options.out, name, options.data, options.licence)
    print(f"{options.out}: " + ", ".join(f"{nats:.4f} nats/event {what}" for what, nats in scores.items()))


def _evaluate(options):
    from .dataset import load
    from .evaluate import evaluate
    from .weights import read_model

    network, described = read_model(options.model)
    network.eval()
    dataset = load(options.data)
    if described["conditioning"] != dataset.kind.layout:
        raise Refused(f"{options.model} was trained on music of another kind than {options.data} holds ({described['conditioning']}, not {dataset.kind.layout}).")
    split = getattr(dataset, options.split)
    if options.performances is not None:
        split = split.first(options.performances)
    nats, events = evaluate(network, dataset, split, options.condition == "all", options.most, is_shown=True)
    print(json.dumps({"natsPerEvent": nats, "events": events, "performances": len(split)}))


def _baselines(options):
    from .baselines import baselines
    from .dataset import load

    unigram, trigram = baselines(load(options.data))
    print(json.dumps({"unigram": unigram, "trigram": trigram}))


def _files(options):
    from .dataset import load

    print("\n".join(getattr(load(options.data), options.split).names))


def _songs(options):
    from .dataset import load
    from .songs import write_songs

    dataset = load(options.data)
    print(f"{options.out}: {write_songs(dataset, getattr(dataset, options.split), options.out)} performances")


def _events(options):
    from .dataset import to_events
    from .midi import as_general_midi, read_notes

    for path in options.files:
        notes = read_notes(path, in_beats=options.drums)
        notes = as_general_midi(notes) if options.drums else notes
        print(json.dumps(to_events(notes, _kind(options.drums))[1].tolist()))
