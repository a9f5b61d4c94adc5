"""The network: a stacked LSTM over events with conditioning, as models/rubato-piano/CARD.md describes it."""

import math

import torch
from torch import nn
from torch.nn import functional

from .language import EVENT_COUNT
from .recurrence import ROWS, Recurrence, is_compiled

# With the usual smaller initial weights the loss of three stacked layers stays on a plateau for a long time.
EVENT_RANGE = 0.5
INPUT_GAIN = 6.0
FORGET_BIAS = 1.0


class PerformanceRnn(nn.Module):
    """layers x units over 388 events and `conditioning` numbers. The parameters are those of nn.LSTM and nn.Linear."""

    def __init__(self, layers, units, conditioning, dropout=0.0):
        super().__init__()
        self.layers, self.units, self.conditioning = layers, units, conditioning
        self.lstm = nn.LSTM(EVENT_COUNT + conditioning, units, layers, dropout=dropout)
        self.output = nn.Linear(units, EVENT_COUNT)
        with torch.no_grad():
            for name, value in self.lstm.named_parameters():
                if name.startswith("bias"):
                    value.zero_()
                elif name == "weight_ih_l0":
                    value.uniform_(-EVENT_RANGE, EVENT_RANGE)
                elif name.startswith("weight_ih"):
                    value.uniform_(-math.sqrt(INPUT_GAIN / units), math.sqrt(INPUT_GAIN / units))
            for layer in range(layers):
                self._weight("bias_ih", layer)[units : 2 * units] = FORGET_BIAS
        # nn.LSTM has two biases where one is enough; the second stays 0.
        for layer in range(layers):
            self._weight("bias_hh", layer).requires_grad_(False)

    def _weight(self, kind, layer):
        return getattr(self.lstm, f"{kind}_l{layer}")

    def blank(self, rows, device):
        """The state before the first event, (h, c), each [layers, rows, units]."""
        shape = (self.layers, rows, self.units)
        return torch.zeros(shape, device=device), torch.zeros(shape, device=device)

    def forward(self, events, vectors, state):
        """events [steps, rows] and vectors [steps, rows, conditioning] to logits [steps, rows, 388] and the next state."""
        one_hot = functional.one_hot(events, EVENT_COUNT)
        if is_compiled(self.units, events.device) and events.shape[1] % ROWS == 0:
            return self._compiled(one_hot, vectors, state)
        inputs = torch.cat([one_hot.to(vectors.dtype), vectors], 2)
        with torch.autocast(events.device.type, torch.bfloat16, enabled=events.is_cuda):
            hidden, state = self.lstm(inputs, state)
            logits = self.output(hidden)
        return logits.float(), tuple(part.detach().float() for part in state)

    def _compiled(self, one_hot, vectors, state):
        steps, rows, _ = one_hot.shape
        below = torch.cat([one_hot.to(torch.bfloat16), vectors.to(torch.bfloat16)], 2)
        last = []
        for layer in range(self.layers):
            if layer > 0:
                below = functional.dropout(below, self.lstm.dropout, self.training)
            inputs = _product(below, self._weight("weight_ih", layer), self._weight("bias_ih", layer))
            below, c = Recurrence.apply(inputs, self._weight("weight_hh", layer), state[0][layer], state[1][layer])
            last.append((below[-1].detach().float(), c))
        logits = _product(below, self.output.weight, self.output.bias).float()
        return logits, tuple(torch.stack(parts) for parts in zip(*last))


def _product(inputs, weight, bias):
    """inputs [steps, rows, n] bf16 through a float32 layer, in bf16: oneDNN's products use AMX for it."""
    return functional.linear(inputs, weight.to(torch.bfloat16), bias.to(torch.bfloat16))


def losses(logits, targets):
    """Negative log-likelihood in nats of each target, [steps, rows]."""
    flat = functional.cross_entropy(logits.reshape(-1, EVENT_COUNT), targets.reshape(-1), reduction="none")
    return flat.view_as(targets)
