#!/usr/bin/env bash
# Runs the packed tests where they lie: run.sh [cuda|cpu [ARGUMENT...]]. Made by scripts/run-on-gpu-machine.sh, which explains it.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mapfile -t programs < <(ls "$here/tests")

fail() {
    echo "run.sh: $*" >&2
    exit 2
}

device=${1:-cuda}
shift $(($# > 0))

case $device in
    cuda | cpu) ;;
    -h | --help)
        echo "run.sh [cuda|cpu [ARGUMENT of the test programs...]]   LIBTORCH_DIR: folder of libtorch_cpu.so, else python3's torch"
        exit 0
        ;;
    *) fail "the device is cuda or cpu, not '$device' (CUDA_VISIBLE_DEVICES chooses among several)" ;;
esac

[[ $(uname -sm) == "Linux x86_64" ]] || fail "this is made for Linux on x64, and here is $(uname -sm)"

# 1. A libtorch: the folder that was named, or the one that a Python has. Finding its module does not load it.
torch_of_python() {
    python3 - 2>/dev/null <<'PYTHON'
import importlib.util, pathlib
print(pathlib.Path(importlib.util.find_spec("torch").origin).parent / "lib")
PYTHON
}

if [[ -n ${LIBTORCH_DIR:-} ]]; then
    rule="LIBTORCH_DIR"
    libtorch=$LIBTORCH_DIR
else
    rule="python3's torch"
    libtorch=$(torch_of_python) || fail "LIBTORCH_DIR is not set, and python3 has no torch: name the folder that holds libtorch_cpu.so"
fi

[[ -f $libtorch/libtorch_cpu.so ]] || libtorch=$libtorch/lib
[[ -f $libtorch/libtorch_cpu.so ]] || fail "there is no libtorch_cpu.so in ${libtorch%/lib} nor in its folder lib ($rule)"
libtorch=$(cd "$libtorch" && pwd)
built_against=$(<"$here/libtorch-version")
echo "libtorch: $libtorch ($rule); TorchSharp was built against $built_against"

# 2. Whether it has what TorchSharp refers to. What is missing only at a call can be tried all the same.
native=$here/tests/DiffSharp.Tests/runtimes/linux-x64/native/libLibTorchSharp.so
if command -v python3 >/dev/null && python3 -c "" 2>/dev/null; then
    python3 "$here/missing-symbols.py" "$native" "$libtorch"
    case $? in
        0) ;;
        3)
            export NOISESCALE_LATE_BINDING=${NOISESCALE_LATE_BINDING:-1}
            echo "It loads all the same (NOISESCALE_LATE_BINDING=$NOISESCALE_LATE_BINDING); calling one of these ends the process."
            echo "Tests that start a process of their own do not hand that setting on, and will fail."
            ;;
        4) fail "this libtorch does not fit: TorchSharp's native half cannot be loaded beside it" ;;
        *) fail "the symbols could not be compared" ;; # it has said why
    esac
else
    echo "symbols: not compared, for want of a python3"
fi

# 3. The environment, in which nothing of another .NET counts.
work=$(mktemp -d) || fail "no temporary folder"
trap 'rm -rf "$work"' EXIT
export DOTNET_ROOT=$here/dotnet
export PATH=$DOTNET_ROOT:$PATH
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
export LIBTORCH_DIR=$libtorch
export NOISESCALE_DEVICE=$device

# Tests that start processes let them find libtorch themselves, without LIBTORCH_DIR: then it is looked for among NuGet's packages.
package=$work/packages/libtorch-cpu-linux-x64/$built_against/runtimes/linux-x64
mkdir -p "$package"
ln -s "$libtorch" "$package/native"
export NUGET_PACKAGES=$work/packages

# 4. Whether all is there to compute on that device; a test that does not use it would not notice.
diagnosis=$("$DOTNET_ROOT/dotnet" "$here/tests/DiffSharp.Tests/DiffSharp.Tests.dll" --child doctor 2>&1) ||
    fail "the tests do not start here:"$'\n'"$diagnosis"
grep -oE '^[^=]+=False$' <<<"$diagnosis" | cut -d= -f1 | while read -r check; do
    grep -E "^$check (cause|cure)=" <<<"$diagnosis" | sed 's/=/: /'
done
for check in device gradient; do
    grep -q "^$check=True$" <<<"$diagnosis" || fail "cannot compute on $device here"
done
echo "device: $device"

# 5. The tests.
declare -A ended said
ran=0
for program in "${programs[@]}"; do
    echo
    echo "== $program on $device"
    "$DOTNET_ROOT/dotnet" "$here/tests/$program/$program.dll" --no-spinner --colours 0 "$@" 2>&1 | tee "$work/$program.log"
    ended[$program]=${PIPESTATUS[0]}
    said[$program]=$(grep -oE '[0-9,]+ tests run in .* errored' "$work/$program.log" | tail -n 1)
    [[ ${said[$program]:-0 } == "0 "* ]] || ran=$((ran + 1))
done

echo
echo "== summary: $device, $libtorch"
code=0
for program in "${programs[@]}"; do
    echo "$program: ${said[$program]:-ended before its summary} (exit code ${ended[$program]})"
    ((ended[$program] == 0)) || code=1
done
((ran > 0 || code > 0)) || fail "no test was run: does anything match $*?"
echo "exit code $code"
exit $code
