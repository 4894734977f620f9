"""RNN, GRU, LSTM."""
from generators import op

ACTIVATIONS = ["Tanh", "Sigmoid", "Relu", "Softsign", "Softplus", "Affine", "LeakyRelu", "ThresholdedRelu", "ScaledTanh",
               "HardSigmoid", "Elu"]
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
FUNCTIONS = {"RNN": 1, "GRU": 2, "LSTM": 3}
# Of each activation with parameters: its alpha and, where it has one, its beta.
ALPHA = {"Affine": 0.5, "LeakyRelu": 0.1, "ThresholdedRelu": 0.3, "ScaledTanh": 0.7, "HardSigmoid": 0.2, "Elu": 0.9}
BETA = {"Affine": 0.1, "ScaledTanh": 0.8, "HardSigmoid": 0.4}


@op("RNN", "GRU", "LSTM", weight=3)
def recurrent(d):
    length, batch, size, hidden = d.integer(1, 4), d.integer(1, 3), d.integer(1, 4), d.integer(1, 4)
    direction = d.pick("forward", "reverse", "bidirectional")
    directions = 2 if direction == "bidirectional" else 1
    gates, type_ = GATES[d.name], d.type(only=("float",))
    activations(d, directions)
    reach = 0.4 if "activations" in d.attributes else 1  # not all of them are bounded
    batch_first = d.has("layout") and d.chance(0.02)  # ONNX Runtime refuses it
    d.tensor(type_, [batch, length, size] if batch_first else [length, batch, size])
    d.tensor(type_, [directions, gates * hidden, size], -reach, reach)
    d.tensor(type_, [directions, gates * hidden, hidden], -reach, reach)
    d.tensor(type_, [directions, 2 * gates * hidden], -1, 1) if d.chance(0.6) else d.absent()
    d.tensor("int32", [batch], 1, length) if d.chance(0.4) else d.absent()
    state = [batch, directions, hidden] if batch_first else [directions, batch, hidden]
    for _ in range(2 if d.name == "LSTM" else 1):
        d.tensor(type_, state, -1, 1) if d.chance(0.5) else d.absent()
    if d.name == "LSTM" and d.chance(0.4):
        d.tensor(type_, [directions, 3 * hidden], -1, 1)
    d.set(hidden_size=hidden, layout=1 if batch_first else None)
    if directions == 2 or d.chance(0.7):
        d.set(direction=direction)
    clip(d, length)
    d.maybe(0.3, input_forget=1, linear_before_reset=1)
    for _ in range(3 if d.name == "LSTM" else 2):
        d.output(type_ if d.chance(0.75) or len(d.outputs) == 0 else None)


def clip(d, length):
    """ONNX clips the input of every activation; ONNX Runtime leaves out LSTM's cell. There, a clip that the cell cannot reach."""
    if d.name != "LSTM":
        d.maybe(0.25, clip=d.real(0.2, 2))
    elif length == 1 and len(d.inputs) < 7 and "activations" not in d.attributes:
        d.set(clip=d.real(1, 1.5))


def activations(d, directions):
    if d.chance(0.5):
        return
    chosen = [d.pick(*ACTIVATIONS) for _ in range(FUNCTIONS[d.name] * directions)]
    d.set(activations=chosen)
    d.tolerance = "recurrent"
    alpha, beta = [ALPHA[c] for c in chosen if c in ALPHA], [BETA[c] for c in chosen if c in BETA]
    if alpha:
        d.set(activation_alpha=alpha)
    if beta:
        d.set(activation_beta=beta)
