"""ONNX Runtime in a process of its own: odd input may crash it or make it hang."""
import multiprocessing
import warnings

import numpy as np

TIMEOUT_SECONDS = 30


def serve(connection):
    import onnxruntime

    warnings.simplefilter("ignore")
    onnxruntime.set_default_logger_severity(4)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    while True:
        model, feeds = connection.recv()
        try:
            session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
            outputs = session.run(None, feeds)
            connection.send(("ok", [o if isinstance(o, list) else np.asarray(o) for o in outputs]))
        except Exception as problem:  # whatever it refuses is counted with its message
            connection.send(("refused", " ".join(str(problem).split())))


class Peer:
    """run(model, feeds) gives ("ok", outputs), ("refused", reason) or ("crashed", reason)."""

    def __init__(self):
        self.process = None

    def start(self):
        self.connection, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()

    def run(self, model, feeds):
        if self.process is None:
            self.start()
        try:
            self.connection.send((model, feeds))
            if self.connection.poll(TIMEOUT_SECONDS):
                return self.connection.recv()
            reason = f"no answer in {TIMEOUT_SECONDS} s"
        except (EOFError, BrokenPipeError, ConnectionResetError):
            self.process.join(5)
            reason = f"ended with {self.process.exitcode}"
        self.stop()
        return "crashed", reason

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.connection.close()
            self.process = None
