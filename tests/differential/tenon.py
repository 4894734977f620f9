"""Runs `tenon verify` over folders of cases and reads its verdicts."""
import re
import subprocess

# What |a-b| may be: the tolerances of `tenon verify` for each kind of result. Sums of a few hundred products in float differ by some
# 1e-6 of the largest; results in float16 (bfloat16) may round to either neighbour, 2^-10 (2^-7) apart; what only moves is exact.
TOLERANCES = {
    "exact": ["--rtol=0", "--atol=0"],
    "float": ["--rtol=1e-4", "--atol=1e-7", "--rangeAtol=2e-6"],
    "recurrent": ["--rtol=1e-3", "--atol=1e-7", "--rangeAtol=1e-5"],  # steps that feed on each other
    "float16": ["--rtol=1e-3", "--atol=1e-7", "--rangeAtol=1e-3"],
    "bfloat16": ["--rtol=8e-3", "--atol=1e-7", "--rangeAtol=8e-3"],
}
VERDICT = re.compile(r"^(passed|failed|refused) (c\d+)(?:: (.*))?$")


def tolerance_of(draw):
    if draw.tolerance:
        return draw.tolerance
    types = {type_ for _, type_ in draw.outputs if type_} | set(draw.types.values())
    for type_ in ("bfloat16", "float16"):
        if type_ in types:
            return type_
    return "float"


def verify(program, folder, tolerance, options):
    """Case name -> (verdict, message)."""
    command = [program, "verify", folder, *TOLERANCES[tolerance], "--builderOptimizationLevel=0", "--threads=1", *options]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    verdicts = {}
    for line in done.stdout.splitlines():
        match = VERDICT.match(line)
        if match:
            verdicts[match[2]] = (match[1], match[3] or "")
    if not verdicts:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout[-500:]}{done.stderr[-500:]}")
    return verdicts
