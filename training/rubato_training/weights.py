"""A network's weights as the model folder's files: exactly what src/engine/model/model.ts reads."""

import hashlib
import json
import os
import struct

import numpy as np
import torch

from .conditioning import LAYOUTS
from .language import EVENT_COUNT
from .network import PerformanceRnn
from .refused import Refused
from .whole import write_whole


def tensors_of(network):
    """Names and arrays [rows, columns] float32 of the card: row vectors multiply from the left, gates i, f, g, o."""
    made = {}
    state = {name: value.detach().cpu().float().numpy() for name, value in network.state_dict().items()}
    for layer in range(network.layers):
        below = state[f"lstm.weight_ih_l{layer}"].T
        if layer == 0:
            made["lstm.0.event"], made["lstm.0.conditioning"] = below[:EVENT_COUNT], below[EVENT_COUNT:]
        else:
            made[f"lstm.{layer}.input"] = below
        made[f"lstm.{layer}.recurrent"] = state[f"lstm.weight_hh_l{layer}"].T
        made[f"lstm.{layer}.bias"] = state[f"lstm.bias_ih_l{layer}"] + state[f"lstm.bias_hh_l{layer}"]
    made["output.weight"], made["output.bias"] = state["output.weight"].T, state["output.bias"]
    return made


def write_safetensors(path, tensors):
    """8 bytes header length, JSON header, float16 tensors end to end. @returns the file's sha256"""
    header, bodies, at = {}, [], 0
    for name, values in tensors.items():
        body = np.ascontiguousarray(values, "<f2").tobytes()
        header[name] = {"dtype": "F16", "shape": list(values.shape), "data_offsets": [at, at + len(body)]}
        bodies.append(body)
        at += len(body)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    content = struct.pack("<Q", len(text)) + text + b"".join(bodies)
    write_whole(path, content)
    return hashlib.sha256(content).hexdigest()


def write_model(folder, name, network, kind, densities, updates):
    """Writes model.json and weights.safetensors of a network for music of `kind`. @returns the sha256 of the weights

    `densities`: those of the minutes it learned from, or None.
    """
    os.makedirs(folder, exist_ok=True)
    digest = write_safetensors(os.path.join(folder, "weights.safetensors"), tensors_of(network))
    described = {
        "name": name,
        "network": {"cell": "lstm", "layers": network.layers, "units": network.units, "gateOrder": "i f g o", "forgetBias": 0},
        "events": kind.events,
        "step": {"beats": "1/48"} if kind.in_beats else {"ms": 10},
        "conditioning": kind.layout,
        **({"densities": densities} if densities else {}),
        "updates": updates,
        "sha256": digest,
    }
    write_whole(os.path.join(folder, "model.json"), json.dumps(described, indent=1) + "\n")
    return digest


def read_model(folder):
    """The network in a model folder, and its model.json. Raises Refused."""
    try:
        with open(os.path.join(folder, "model.json")) as file:
            described = json.load(file)
        with open(os.path.join(folder, "weights.safetensors"), "rb") as file:
            content = file.read()
        shape = described["network"]
        network = PerformanceRnn(shape["layers"], shape["units"], LAYOUTS[described["conditioning"]][0])
        tensors = _read_safetensors(content)
        if described.get("sha256", hashlib.sha256(content).hexdigest()) != hashlib.sha256(content).hexdigest():
            raise Refused(f"{folder} holds other weights than its model.json names.")
        with torch.no_grad():
            _fill(network, tensors, shape["forgetBias"])
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, RuntimeError, struct.error) as error:
        raise Refused(f"{folder} isn't a model that can be read ({error!r}).") from None
    return network, described


def _read_safetensors(content):
    (length,) = struct.unpack_from("<Q", content)
    header = json.loads(content[8 : 8 + length])
    types = {"F16": "<f2", "F32": "<f4"}
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        values = np.frombuffer(content[8 + length + begin : 8 + length + end], types[entry["dtype"]])
        tensors[name] = torch.from_numpy(values.astype(np.float32).reshape(entry["shape"]))
    return tensors


def _fill(network, tensors, forget_bias):
    parameters = network.state_dict()
    for layer in range(network.layers):
        below = (
            torch.cat([tensors["lstm.0.event"], tensors["lstm.0.conditioning"]])
            if layer == 0
            else tensors[f"lstm.{layer}.input"]
        )
        bias = tensors[f"lstm.{layer}.bias"].clone()
        bias[network.units : 2 * network.units] += forget_bias
        parameters[f"lstm.weight_ih_l{layer}"].copy_(below.T)
        parameters[f"lstm.weight_hh_l{layer}"].copy_(tensors[f"lstm.{layer}.recurrent"].T)
        parameters[f"lstm.bias_ih_l{layer}"].copy_(bias)
        parameters[f"lstm.bias_hh_l{layer}"].zero_()
    parameters["output.weight"].copy_(tensors["output.weight"].T)
    parameters["output.bias"].copy_(tensors["output.bias"])
